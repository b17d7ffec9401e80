/** Base of EC2 resources: tags, and errors that mean that something does not exist. */
import type { EC2, Tag } from "@aws-sdk/client-ec2";
import type { Aws } from "../../access.ts";
import { ec2 } from "../../clients.ts";
import { fromTagList, tagChanges, tagList, tagsOf } from "../../inputs.ts";
import { finish, type Created, type ResourceType } from "../../resource-type.ts";
import type { CheckFailure } from "../../../provider.ts";
import type { Properties } from "../../../values.ts";

export interface Ec2Type {
  token: string;
  immutable?: readonly string[];
  defaults?: Properties;
  problems?: (inputs: Properties) => CheckFailure[];
  /** Creates it, without tags. */
  make(client: EC2, inputs: Properties, aws: Aws): Promise<Required<Created>>;
  /** Later steps of a creation; also run by updates. */
  settle?(client: EC2, id: string, inputs: Properties, before: Properties): Promise<unknown>;
  /** Undefined, or an error of absence, if it is gone. `Tags` become `tagsAll`. */
  find(client: EC2, id: string, aws: Aws, known: Properties): Promise<Found | undefined>;
  remove(client: EC2, id: string, state: Properties): Promise<unknown>;
}

interface Found {
  properties: Properties;
  tags?: Tag[] | undefined;
}

/** `InvalidVpcID.NotFound` and its relatives. */
async function unlessGone<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && /NotFound/.test(error.name)) return undefined;
    throw error;
  }
}

async function changeTags(client: EC2, id: string, inputs: Properties, before: Properties): Promise<void> {
  const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
  if (remove.length > 0) await client.deleteTags({ Resources: [id], Tags: remove.map((Key) => ({ Key })) });
  if (Object.keys(set).length > 0) await client.createTags({ Resources: [id], Tags: tagList(set) });
}

export function ec2Type(spec: Ec2Type): ResourceType {
  const settle = async (client: EC2, id: string, inputs: Properties, before: Properties): Promise<void> => {
    await spec.settle?.(client, id, inputs, before);
    await changeTags(client, id, inputs, before);
  };
  return {
    token: spec.token,
    immutable: spec.immutable ?? [],
    defaults: spec.defaults,
    problems: spec.problems,
    async create(aws, inputs) {
      const client = await aws.client(ec2);
      const made = await spec.make(client, inputs, aws);
      return finish(made, () => settle(client, made.id, inputs, {}));
    },
    async read(aws, id, known) {
      const found = await unlessGone(spec.find(await aws.client(ec2), id, aws, known));
      if (!found) return undefined;
      return { ...found.properties, ...(found.tags && { tagsAll: fromTagList(found.tags) }) };
    },
    async update(aws, id, inputs, before) {
      await settle(await aws.client(ec2), id, inputs, before);
    },
    async delete(aws, id, state) {
      await unlessGone(spec.remove(await aws.client(ec2), id, state));
    },
  };
}

export const ec2Arn = ({ region, accountId }: Aws, kind: string, id: string): string =>
  `arn:aws:ec2:${region}:${accountId}:${kind}/${id}`;
