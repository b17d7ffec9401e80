import { defineCommand } from "../command-line/command.ts";
import { outputDirectory } from "../command-line/value-kinds.ts";
import { project, stack } from "./common.ts";

export const render = defineCommand({
  name: "render",
  description:
    "write what a first preview of a stack would create, for other tools; needs no engine, cluster or account",
  options: {
    stack: stack("stack to render, e.g. dr"),
    out: { description: "directory for the files, empty or of an earlier run", takes: outputDirectory, required: true },
    project,
  },
  examples: [
    { why: "check the objects of the alternate site with another tool", line: "render --stack dr --out rendered/dr" },
  ],
  exitStatus: { 0: "the files are written", 2: "the stack's files or settings are invalid; nothing was written" },
  handler: async (values) => (await import("../render/index.ts")).renderCommand(values),
});
