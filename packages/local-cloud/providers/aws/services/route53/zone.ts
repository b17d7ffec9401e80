/** Public hosted zones. */
import { randomUUID } from "node:crypto";
import { unlessAbsent } from "../../absent.ts";
import { route53 } from "../../clients.ts";
import { flag, needed, text } from "../../inputs.ts";
import { finish, type ResourceType } from "../../resource-type.ts";
import { longest } from "../../rules.ts";
import type { Properties } from "../../../values.ts";
import { bareId, findZone, zoneName } from "./names.ts";
import { deleteRecords } from "./record-sets.ts";
import { changeTags, readTags } from "./tags.ts";

const usualComment = "Managed by Pulumi";

const outputsOf = (id: string, name: string, nameServers: string[]): Properties => ({
  arn: `arn:aws:route53:::hostedzone/${id}`,
  name,
  nameServers: [...nameServers].sort(),
  primaryNameServer: nameServers[0] ?? "",
  zoneId: id,
});

export const zone: ResourceType = {
  token: "aws:route53/zone:Zone",
  immutable: ["name", "delegationSetId"],
  naming: { property: "name", maxLength: 1024 },
  defaults: { comment: usualComment, forceDestroy: false },
  problems: (inputs) => [
    ...longest(inputs, "name", 1024),
    ...longest(inputs, "comment", 256),
    ...(inputs.vpcs === undefined
      ? []
      : [{ property: "vpcs", reason: "private zones are not supported by the local AWS provider" }]),
  ],
  async create(aws, inputs) {
    const client = await aws.client(route53);
    const { HostedZone, DelegationSet } = await client.createHostedZone({
      Name: needed(inputs, "name"),
      CallerReference: randomUUID(),
      HostedZoneConfig: { Comment: text(inputs, "comment") ?? usualComment },
      DelegationSetId: text(inputs, "delegationSetId"),
    });
    const id = bareId(HostedZone?.Id);
    const outputs = outputsOf(id, zoneName(HostedZone?.Name ?? ""), (DelegationSet?.NameServers ?? []).map(zoneName));
    return finish({ id, outputs }, () => changeTags(client, "hostedzone", id, inputs));
  },
  async read(aws, id) {
    const client = await aws.client(route53);
    const found = await findZone(client, id);
    if (!found) return undefined;
    const { name, nameServers, comment } = found;
    return { ...outputsOf(id, name, nameServers), comment, tagsAll: await readTags(client, "hostedzone", id) };
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(route53);
    const comment = text(inputs, "comment") ?? usualComment;
    if (comment !== before.comment) await client.updateHostedZoneComment({ Id: id, Comment: comment });
    await changeTags(client, "hostedzone", id, inputs, before);
  },
  async delete(aws, id, state) {
    const client = await aws.client(route53);
    const found = await findZone(client, id);
    if (!found) return;
    if (flag(state, "forceDestroy")) await deleteRecords(client, id, found.name);
    await unlessAbsent(["NoSuchHostedZone"], client.deleteHostedZone({ Id: id }));
  },
};
