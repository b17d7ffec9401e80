/** Hosted zones. */
import { route53 } from "../clients.ts";
import { text } from "../inputs.ts";
import { findZone, zoneIdByName } from "../services/route53/index.ts";
import type { FunctionKind } from "./function-kind.ts";

/** Finds a public zone of the account by id or name. */
const zone: FunctionKind = {
  token: "aws:route53/getZone:getZone",
  arguments: ["enableAcceleratedRecovery", "name", "privateZone", "tags", "vpcId", "zoneId"],
  outputs: ["arn", "comment", "id", "name", "nameServers", "primaryNameServer", "zoneId"],
  async run({ aws }, args) {
    if (args.privateZone === true) throw new Error("private zones are not supported by the local AWS provider");
    const [wanted, name] = [text(args, "zoneId"), text(args, "name")];
    if (wanted === undefined && name === undefined) throw new Error("name or zoneId is required");
    const client = await aws().client(route53);
    const zoneId = wanted ?? (await zoneIdByName(client, name ?? ""));
    const found = zoneId === undefined ? undefined : await findZone(client, zoneId);
    if (!found) throw new Error(`no matching Route 53 hosted zone: ${wanted ?? name}`);
    return {
      arn: `arn:aws:route53:::hostedzone/${found.id}`,
      callerReference: "",
      comment: found.comment,
      id: found.id,
      linkedServiceDescription: "",
      linkedServicePrincipal: "",
      name: found.name,
      nameServers: [...found.nameServers].sort(),
      primaryNameServer: found.nameServers[0] ?? "",
      privateZone: false,
      resourceRecordSetCount: 2,
      tags: {},
      vpcId: "",
      zoneId: found.id,
    };
  },
};

export const zones: FunctionKind[] = [zone];
