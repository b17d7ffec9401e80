import { defineCommand, type CommandGroup } from "../command-line/command.ts";
import { oneOf } from "../command-line/value-kinds.ts";
import { accountable, json, project, stack, stacks } from "./common.ts";

export const writer: CommandGroup = {
  name: "writer",
  description: "the writer records of both regions: which site writes",
};

export const writerShow = defineCommand({
  name: "writer show",
  description: "show both regions' writer records, the epochs of the given stacks' databases, and any disagreement",
  options: { stack: stacks("stacks whose databases to query, e.g. prod dr"), project, json },
  examples: [{ why: "check whether records and databases agree", line: "writer show --stack prod dr" }],
  exitStatus: { 0: "everything agrees", 1: "something disagrees or is unreachable" },
  handler: async (values) => (await import("../writer/show.ts")).writerShowCommand(values),
});

export const writerSet = defineCommand({
  name: "writer set",
  description: "set the writer manually in a new epoch, to repair a forged, stale or unreadable record",
  options: {
    stack: stack("stack of the site that writes, e.g. prod"),
    site: {
      description: "site that writes from now on",
      takes: oneOf("name", ["primary", "alternate"], "set the site that writes"),
      required: true,
    },
    ...accountable,
    yes: { description: "skip the confirmation" },
    project,
    json,
  },
  examples: [
    {
      why: "re-enable the exports of the rightful writer, after a confirmation",
      line: 'writer set --stack prod --site primary --by "A. Lovelace" --reason "forged record"',
    },
  ],
  exitStatus: {
    0: "record, database and evidence are written",
    1: "the record is written, but something else is not",
    2: "nothing was changed",
  },
  handler: async (values) => (await import("../writer/set.ts")).writerSetCommand(values),
});
