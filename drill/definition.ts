import { defineCommand } from "../continuity/command-line/command.ts";
import { drillOptions } from "./options.ts";

export const drill = defineCommand({
  name: "drill",
  description: "lose a region on this machine and measure the recovery against the plan; needs no cloud account",
  options: drillOptions,
  examples: [
    { why: "is the promise kept? about a minute once the tools are built", line: "drill" },
    { why: "keep the report, one page with a timeline", line: "drill --out drill-report" },
    { why: "an export that fails silently must be noticed: exit status 1", line: "drill --fault export-loses-rows" },
  ],
  exitStatus: { 0: "every target is met", 1: "a target is missed" },
  handler: async (values) => (await import("./command.ts")).drillCommand(values),
});
