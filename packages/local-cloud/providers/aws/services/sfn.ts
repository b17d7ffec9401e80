/** State machines. */
import type { CreateStateMachineCommandInput, SFN, Tag } from "@aws-sdk/client-sfn";
import { unlessAbsent } from "../absent.ts";
import { sfn } from "../clients.ts";
import { flag, fromSdk, needed, object, tagChanges, tagsOf, text, type Tags } from "../inputs.ts";
import type { ResourceType } from "../resource-type.ts";
import type { CheckFailure } from "../../provider.ts";
import { isObject, type Json, type Properties } from "../../values.ts";

const gone = ["StateMachineDoesNotExist"];

const toTags = (tags: Tags): Tag[] => Object.entries(tags).map(([key, value]) => ({ key, value }));

/** Checks the structure only: StartAt and all transitions must name existing states. */
function problems(inputs: Properties): CheckFailure[] {
  const definition = text(inputs, "definition");
  if (definition === undefined) return [];
  const reasons = definitionProblems(definition);
  const type = text(inputs, "type");
  return [
    ...reasons.map((reason) => ({ property: "definition", reason })),
    ...(type === undefined || type === "STANDARD" || type === "EXPRESS"
      ? []
      : [{ property: "type", reason: `is "${type}", but must be STANDARD or EXPRESS` }]),
  ];
}

function definitionProblems(definition: string): string[] {
  let parsed: Json;
  try {
    parsed = JSON.parse(definition) as Json;
  } catch (error) {
    return [`is not valid JSON: ${(error as Error).message}`];
  }
  return isObject(parsed) ? machineProblems(parsed) : ["is not an object"];
}

function machineProblems(machine: Properties): string[] {
  const states = object(machine, "States") ?? {};
  const first = text(machine, "StartAt");
  const targets = Object.entries(states).flatMap(([name, state]) => nextOf(state).map((next) => ({ name, next })));
  return [
    ...(first === undefined || !(first in states)
      ? [`StartAt is ${first ? `"${first}"` : "missing"}, but must name one of its States`]
      : []),
    ...targets
      .filter(({ next }) => !(next in states))
      .map(({ name, next }) => `state "${name}" transitions to "${next}", which does not exist`),
  ];
}

function nextOf(state: Json): string[] {
  if (!isObject(state)) return [];
  const branches = [state.Catch, state.Choices].flatMap((list) => (Array.isArray(list) ? list : []));
  return [state.Next, state.Default, ...branches.map((branch) => (isObject(branch) ? branch.Next : null))].filter(
    (next): next is string => typeof next === "string",
  );
}

/** Everything except name, type and tags. */
const changeable = (inputs: Properties) => {
  const logging = object(inputs, "loggingConfiguration");
  const destination = text(logging, "logDestination");
  const encryption = object(inputs, "encryptionConfiguration");
  return {
    definition: needed(inputs, "definition"),
    roleArn: needed(inputs, "roleArn"),
    tracingConfiguration: { enabled: flag(object(inputs, "tracingConfiguration"), "enabled") ?? false },
    loggingConfiguration: logging && {
      includeExecutionData: flag(logging, "includeExecutionData") ?? false,
      level: text(logging, "level") ?? "OFF",
      destinations: destination === undefined ? [] : [{ cloudWatchLogsLogGroup: { logGroupArn: destination } }],
    },
    encryptionConfiguration: encryption,
  } as Pick<CreateStateMachineCommandInput, "definition" | "roleArn" | "tracingConfiguration" | "loggingConfiguration">;
};

const stateMachine: ResourceType = {
  token: "aws:sfn/stateMachine:StateMachine",
  immutable: ["name", "namePrefix", "type"],
  naming: { property: "name", prefixProperty: "namePrefix", maxLength: 80 },
  defaults: { publish: false, type: "STANDARD" },
  changing: ["revisionId", "stateMachineVersionArn"],
  problems,
  async create(aws, inputs) {
    const made = await (
      await aws.client(sfn)
    ).createStateMachine({
      name: needed(inputs, "name"),
      type: (text(inputs, "type") ?? "STANDARD") as "STANDARD",
      publish: flag(inputs, "publish") ?? false,
      tags: toTags(tagsOf(inputs)),
      ...changeable(inputs),
    });
    const arn = made.stateMachineArn ?? "";
    return {
      id: arn,
      outputs: {
        arn,
        creationDate: made.creationDate?.toISOString() ?? "",
        description: "",
        revisionId: "",
        stateMachineVersionArn: made.stateMachineVersionArn ?? "",
        status: "ACTIVE",
      },
    };
  },
  read: async (aws, id) => readMachine(await aws.client(sfn), id),
  async update(aws, id, inputs, before) {
    const client = await aws.client(sfn);
    const made = await client.updateStateMachine({
      stateMachineArn: id,
      publish: flag(inputs, "publish") ?? false,
      ...changeable(inputs),
    });
    const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
    if (remove.length > 0) await client.untagResource({ resourceArn: id, tagKeys: remove });
    if (Object.keys(set).length > 0) await client.tagResource({ resourceArn: id, tags: toTags(set) });
    return { revisionId: made.revisionId ?? "", stateMachineVersionArn: made.stateMachineVersionArn ?? "" };
  },
  async delete(aws, id) {
    await unlessAbsent(gone, (await aws.client(sfn)).deleteStateMachine({ stateMachineArn: id }));
  },
};

async function readMachine(client: SFN, id: string): Promise<Properties | undefined> {
  const found = await unlessAbsent(gone, client.describeStateMachine({ stateMachineArn: id }));
  if (!found || found.status === "DELETING") return undefined;
  const { tags = [] } = await client.listTagsForResource({ resourceArn: id });
  const { destinations, ...logging } = found.loggingConfiguration ?? {};
  const logDestination = destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn;
  return {
    arn: id,
    creationDate: found.creationDate?.toISOString() ?? "",
    definition: found.definition ?? "",
    loggingConfiguration: fromSdk({ ...logging, logDestination }),
    name: found.name ?? "",
    roleArn: found.roleArn ?? "",
    status: found.status ?? "",
    tagsAll: Object.fromEntries(tags.map(({ key = "", value = "" }) => [key, value])),
    tracingConfiguration: { enabled: found.tracingConfiguration?.enabled ?? false },
    type: found.type ?? "",
  };
}

export const sfnTypes: ResourceType[] = [stateMachine];
