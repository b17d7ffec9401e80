import { defineCommand, type CommandGroup } from "../command-line/command.ts";
import { file } from "../command-line/value-kinds.ts";
import { json } from "./common.ts";

export const plan: CommandGroup = { name: "plan", description: "work with the plan file" };

export const planCheck = defineCommand({
  name: "plan check",
  description: "read the plan, report every problem at once, and compute what its schedules promise",
  arguments: { file: { description: "plan file; by default plan/continuity.yaml", takes: file } },
  options: { json },
  examples: [
    { why: "does the plan keep its own promises?", line: "plan check" },
    { why: "another file, for a script", line: "plan check plan/continuity.yaml --json" },
  ],
  exitStatus: {
    0: "the plan keeps its promises",
    1: "it does not: a line reads NOT KEPT",
    2: "the plan cannot be used",
  },
  handler: async (values) => (await import("../plan-check.ts")).planCheckCommand(values),
});
