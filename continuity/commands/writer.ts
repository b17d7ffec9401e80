import { defineCommand, type CommandGroup } from "../command-line/command.ts";
import { oneOf } from "../command-line/value-kinds.ts";
import { accountable, json, project, stack, stacks } from "./common.ts";

export const writer: CommandGroup = {
  name: "writer",
  description: "which site writes, as the records of both regions name it",
};

export const writerShow = defineCommand({
  name: "writer show",
  description: "print both regions' records and the epochs of the given stacks' databases, and where they disagree",
  options: { stack: stacks("stacks whose databases are asked, e.g. prod dr"), project, json },
  examples: [{ why: "do records and databases agree?", line: "writer show --stack prod dr" }],
  exitStatus: { 0: "all that answers agrees", 1: "it does not, or something does not answer" },
  handler: async (values) => (await import("../writer/show.ts")).writerShowCommand(values),
});

export const writerSet = defineCommand({
  name: "writer set",
  description: "name the writer by hand in a new epoch, where a forged, stale or unreadable record stops the true one",
  options: {
    stack: stack("stack of the site that writes, e.g. prod"),
    site: {
      description: "site that writes from now on",
      takes: oneOf("name", ["primary", "alternate"], "name the site that writes"),
      required: true,
    },
    ...accountable,
    yes: { description: "it is decided: do not ask" },
    project,
    json,
  },
  examples: [
    {
      why: "put the true writer's exports back into use; asks first",
      line: 'writer set --stack prod --site primary --by "A. Lovelace" --reason "forged record"',
    },
  ],
  exitStatus: {
    0: "everything is set",
    1: "the record is set, but something is left to do",
    2: "nothing was changed",
  },
  handler: async (values) => (await import("../writer/set.ts")).writerSetCommand(values),
});
