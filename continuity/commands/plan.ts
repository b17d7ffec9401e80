import { defineCommand, type CommandGroup } from "../command-line/command.ts";
import { file } from "../command-line/value-kinds.ts";
import { json } from "./common.ts";

export const plan: CommandGroup = { name: "plan", description: "work with the plan file" };

export const planCheck = defineCommand({
  name: "plan check",
  description: "validate the plan and compute the worst-case loss and recovery times of its schedules",
  arguments: { file: { description: "plan file; by default plan/continuity.yaml", takes: file } },
  options: { json },
  examples: [
    { why: "check whether the plan meets its own objectives", line: "plan check" },
    { why: "another file, for a script", line: "plan check plan/continuity.yaml --json" },
  ],
  exitStatus: {
    0: "the plan meets its objectives",
    1: "an objective is not met: a line reads NOT KEPT without a reason that allows it",
    2: "the plan is invalid",
  },
  handler: async (values) => (await import("../plan-check.ts")).planCheckCommand(values),
});
