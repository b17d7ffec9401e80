import { defineCommand } from "../command-line/command.ts";
import { json, project, resolve, stacks } from "./common.ts";

export const status = defineCommand({
  name: "status",
  description: "what each stack's site is, which one writes, and how old its newest verified recovery point is",
  options: { stack: stacks("stacks to ask, e.g. prod dr"), resolve, project, json },
  examples: [
    { why: "both sites, and whether exactly one of them writes", line: "status --stack prod dr" },
    { why: "one site, for a script", line: "status --stack dr --json" },
  ],
  exitStatus: {
    0: "all well",
    1: "a site or the age of its recovery point is not, or there are two writers, or none",
  },
  handler: async (values) => (await import("../status.ts")).statusCommand(values),
});
