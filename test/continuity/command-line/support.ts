import { CannotRun } from "../../../continuity/cannot-run.ts";
import { defineCommand, type Command } from "../../../continuity/command-line/command.ts";
import { readWritten } from "../../../continuity/command-line/read.ts";
import { runCommandLine, type CommandSection, type Output } from "../../../continuity/command-line/run.ts";
import { file, oneOf, stackName, text, wholeNumber } from "../../../continuity/command-line/value-kinds.ts";
import { allSections } from "../../../continuity/commands/index.ts";

export interface Ended {
  status: number;
  out: string;
  err: string;
  /** Message of the thrown error, if any. */
  problems: readonly string[];
}

export interface Terminal {
  columns?: number;
  isTTY?: boolean;
}

/** Runs a command line in this process, as main.ts does. */
export async function runLine(
  sections: readonly CommandSection[],
  args: readonly string[],
  terminal: Terminal = {},
): Promise<Ended> {
  const ended: Ended = { status: 2, out: "", err: "", problems: [] };
  const output = (name: "out" | "err"): Output => ({ ...terminal, write: (part) => (ended[name] += part) });
  const program = { name: "continuity", description: "A program.", version: "1.2.3", sections };
  try {
    ended.status = await runCommandLine(program, args, { out: output("out"), err: output("err") });
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    ended.err += error.message;
    ended.problems = error.problems;
  }
  return ended;
}

/** The real commands without their handlers, to check command lines only. */
export async function checkedSections(): Promise<CommandSection[]> {
  const checked = (command: Command): Command => ({
    ...command,
    start: async (written) => {
      const { problems } = readWritten(command, written);
      if (problems.length > 0) throw new CannotRun(command.name, problems);
      return 0;
    },
  });
  return (await allSections()).map((section) => ({ ...section, commands: section.commands.map(checked) }));
}

export const commandsOf = (sections: readonly CommandSection[]): Command[] =>
  sections.flatMap(({ commands }) => commands);

/** Splits a line like a shell without expansions. */
export const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");

/** A small program with one option of each kind; `got` receives the handler's arguments. */
export function sample() {
  const got: Record<string, unknown>[] = [];
  const brew = defineCommand({
    name: "brew",
    description: "make tea",
    arguments: { leaf: { description: "what to brew", takes: file } },
    options: {
      stack: { description: "whose tea", takes: stackName, required: true, many: true },
      cups: { description: "how many", takes: wholeNumber("n", { from: 1, to: 9, example: 2 }), default: "1" },
      kind: { description: "which", takes: oneOf("kind", ["green", "black"]) },
      by: { description: "who", takes: text("name", "write a name") },
      dryRun: { description: "boil nothing" },
    },
    examples: [{ why: "a cup", line: "brew --stack dr" }],
    exitStatus: { 0: "made", 1: "spilt" },
    handler: async (values) => {
      got.push(values);
      return values.dryRun ? 1 : 0;
    },
  });
  const pour = defineCommand({
    name: "cup fill",
    description: "fill a cup",
    options: {},
    examples: [{ why: "pour", line: "cup fill" }],
    exitStatus: {},
    handler: () => Promise.reject(new Error("spilt")),
  });
  const groups = [{ name: "cup", description: "work with cups" }];
  return { got, sections: [{ title: "Tea:", commands: [brew, pour], groups }] };
}
