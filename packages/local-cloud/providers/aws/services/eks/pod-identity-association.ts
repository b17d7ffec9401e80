/** Associations of service accounts with roles. EKS refuses one whose cluster or role does not exist. */
import { setTimeout as sleep } from "node:timers/promises";
import { unlessAbsent } from "../../absent.ts";
import type { Aws } from "../../access.ts";
import { eks } from "../../clients.ts";
import { flag, needed, tagsOf, text } from "../../inputs.ts";
import type { ResourceType } from "../../resource-type.ts";
import { arns } from "../../rules.ts";
import type { Properties } from "../../../values.ts";
import { gone } from "./cluster.ts";
import { changeTags } from "./tags.ts";

/** Part of the refusal that the official provider waits out, since a new role takes a while to be seen everywhere. */
const roleMissing = "Role provided in the request does not exist";

async function onceRolesExist<Result>({ propagationSeconds }: Aws, attempt: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + propagationSeconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes(roleMissing) || Date.now() >= deadline) throw error;
      await sleep(250);
    }
  }
}

const roles = (inputs: Properties) => ({
  roleArn: needed(inputs, "roleArn"),
  targetRoleArn: text(inputs, "targetRoleArn"),
  disableSessionTags: flag(inputs, "disableSessionTags"),
});

export const podIdentityAssociation: ResourceType = {
  token: "aws:eks/podIdentityAssociation:PodIdentityAssociation",
  immutable: ["clusterName", "namespace", "serviceAccount"],
  problems: (inputs) => [...arns(inputs, "roleArn"), ...arns(inputs, "targetRoleArn")],
  async create(aws, inputs) {
    const client = await aws.client(eks);
    const { association: made } = await onceRolesExist(aws, () =>
      client.createPodIdentityAssociation({
        clusterName: needed(inputs, "clusterName"),
        namespace: needed(inputs, "namespace"),
        serviceAccount: needed(inputs, "serviceAccount"),
        ...roles(inputs),
        tags: tagsOf(inputs),
      }),
    );
    const id = made?.associationId ?? "";
    return { id, outputs: { associationId: id, associationArn: made?.associationArn ?? "" } };
  },
  /** An id without its cluster finds nothing: an import names both, as `cluster,id`. */
  async read(aws, id, known) {
    const [first = "", second] = id.split(",");
    const key = { clusterName: text(known, "clusterName") ?? first, associationId: second ?? first };
    const found = (await unlessAbsent(gone, (await aws.client(eks)).describePodIdentityAssociation(key)))?.association;
    return (
      found && {
        associationArn: found.associationArn ?? "",
        associationId: found.associationId ?? "",
        clusterName: found.clusterName ?? "",
        namespace: found.namespace ?? "",
        roleArn: found.roleArn ?? "",
        serviceAccount: found.serviceAccount ?? "",
        tagsAll: found.tags ?? {},
      }
    );
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(eks);
    const clusterName = needed(inputs, "clusterName");
    await onceRolesExist(aws, () =>
      client.updatePodIdentityAssociation({ clusterName, associationId: id, ...roles(inputs) }),
    );
    await changeTags(client, needed(before, "associationArn"), inputs, before);
  },
  async delete(aws, id, state) {
    const key = { clusterName: needed(state, "clusterName"), associationId: id };
    await unlessAbsent(gone, (await aws.client(eks)).deletePodIdentityAssociation(key));
  },
};
