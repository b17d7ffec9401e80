import { defineCommand } from "../command-line/command.ts";
import { json, project, resolve, stacks } from "./common.ts";

export const status = defineCommand({
  name: "status",
  description: "show each stack's site, which one writes, and the age of its newest verified recovery point",
  options: { stack: stacks("stacks to query, e.g. prod dr"), resolve, project, json },
  examples: [
    { why: "both sites, and whether exactly one of them writes", line: "status --stack prod dr" },
    { why: "one site, for a script", line: "status --stack dr --json" },
  ],
  exitStatus: {
    0: "healthy",
    1: "a site or its recovery point age is not healthy, or there is not exactly one writer",
  },
  handler: async (values) => (await import("../status.ts")).statusCommand(values),
});
