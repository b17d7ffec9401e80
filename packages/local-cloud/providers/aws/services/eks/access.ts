/** Access entries, and the access policies that are associated with them. */
import type { AccessScope } from "@aws-sdk/client-eks";
import { unlessAbsent } from "../../absent.ts";
import { eks } from "../../clients.ts";
import { needed, object, tagsOf, text, texts } from "../../inputs.ts";
import type { ResourceType } from "../../resource-type.ts";
import { arns, oneOf } from "../../rules.ts";
import type { Properties } from "../../../values.ts";
import { gone } from "./cluster.ts";
import { changeTags } from "./tags.ts";

const types = ["STANDARD", "EC2", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX"];

/** `cluster:arn:aws:iam::…`: the principal's ARN contains colons itself. */
const split = (id: string): { clusterName: string; principalArn: string } => ({
  clusterName: id.slice(0, id.indexOf(":")),
  principalArn: id.slice(id.indexOf(":") + 1),
});

export const accessEntry: ResourceType = {
  token: "aws:eks/accessEntry:AccessEntry",
  immutable: ["clusterName", "principalArn", "type"],
  defaults: { type: "STANDARD" },
  problems: (inputs) => [...arns(inputs, "principalArn"), ...oneOf(inputs, "type", types)],
  async create(aws, inputs) {
    const [clusterName, principalArn] = [needed(inputs, "clusterName"), needed(inputs, "principalArn")];
    const { accessEntry: made } = await (
      await aws.client(eks)
    ).createAccessEntry({
      clusterName,
      principalArn,
      kubernetesGroups: texts(inputs, "kubernetesGroups"),
      type: text(inputs, "type"),
      username: text(inputs, "userName"),
      tags: tagsOf(inputs),
    });
    return { id: `${clusterName}:${principalArn}`, outputs: { accessEntryArn: made?.accessEntryArn ?? "" } };
  },
  async read(aws, id) {
    const found = (await unlessAbsent(gone, (await aws.client(eks)).describeAccessEntry(split(id))))?.accessEntry;
    return (
      found && {
        ...split(id),
        accessEntryArn: found.accessEntryArn ?? "",
        kubernetesGroups: found.kubernetesGroups ?? [],
        type: found.type ?? "",
        ...(found.username ? { userName: found.username } : {}),
        tagsAll: found.tags ?? {},
      }
    );
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(eks);
    await client.updateAccessEntry({
      ...split(id),
      kubernetesGroups: texts(inputs, "kubernetesGroups"),
      username: text(inputs, "userName"),
    });
    await changeTags(client, needed(before, "accessEntryArn"), inputs, before);
  },
  async delete(aws, id) {
    await unlessAbsent(gone, (await aws.client(eks)).deleteAccessEntry(split(id)));
  },
};

const policyKey = (properties: Properties) => ({
  clusterName: needed(properties, "clusterName"),
  principalArn: needed(properties, "principalArn"),
  policyArn: needed(properties, "policyArn"),
});

/** `cluster#principal#policy`. */
const policyKeyOf = (id: string): Properties => {
  const [clusterName = "", principalArn = "", policyArn = ""] = id.split("#");
  return { clusterName, principalArn, policyArn };
};

/** Every input is immutable. */
export const accessPolicyAssociation: ResourceType = {
  token: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
  problems: (inputs) => [
    ...arns(inputs, "principalArn"),
    ...arns(inputs, "policyArn"),
    ...oneOf(object(inputs, "accessScope"), "type", ["cluster", "namespace"], "accessScope"),
  ],
  async create(aws, inputs) {
    const key = policyKey(inputs);
    const { associatedAccessPolicy: made } = await (
      await aws.client(eks)
    ).associateAccessPolicy({ ...key, accessScope: object(inputs, "accessScope") as AccessScope });
    const at = (date: Date | undefined): string => date?.toISOString() ?? "";
    return {
      id: Object.values(key).join("#"),
      outputs: { associatedAt: at(made?.associatedAt), modifiedAt: at(made?.modifiedAt) },
    };
  },
  async read(aws, id) {
    const key = policyKey(policyKeyOf(id));
    const { clusterName, principalArn } = key;
    const listed = await unlessAbsent(
      gone,
      (await aws.client(eks)).listAssociatedAccessPolicies({ clusterName, principalArn }),
    );
    const found = listed?.associatedAccessPolicies?.find(({ policyArn }) => policyArn === key.policyArn);
    if (!found) return undefined;
    const namespaces = found.accessScope?.namespaces ?? [];
    return {
      ...key,
      accessScope: { type: found.accessScope?.type ?? "", ...(namespaces.length > 0 && { namespaces }) },
    };
  },
  async delete(aws, id) {
    await unlessAbsent(gone, (await aws.client(eks)).disassociateAccessPolicy(policyKey(policyKeyOf(id))));
  },
};
