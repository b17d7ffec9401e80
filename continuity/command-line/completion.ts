/**
 * Completion candidates for an incomplete command line. Output follows the protocol of Cobra's completion scripts: one
 * candidate per line, with a tab before its description, and a final line `:N` with the shell's own additions.
 */
import { readdirSync } from "node:fs";
import type { Command } from "./command.ts";
import { flagOf } from "./definition.ts";
import type { CommandSection } from "./run.ts";
import type { ValueKind } from "./value-kinds.ts";

interface Candidate {
  text: string;
  description?: string;
}

/** What the shell adds: file names, directories, or nothing. */
const shellAdds = { files: 0, nothing: 4, directories: 16 } as const;

interface Completion {
  candidates: readonly Candidate[];
  adds: keyof typeof shellAdds;
}

/** @param words words after the program name; the last one, possibly empty, is being completed */
export function answerCompletion(sections: readonly CommandSection[], words: readonly string[]): string {
  const [before, current] = currentOf(words);
  const { candidates, adds } = complete(sections, before, current);
  const fitting = candidates.filter(({ text }) => text.startsWith(current));
  const lines = fitting.map(({ text, description = "" }) => `${text}\t${description}`);
  return `${[...lines, `:${shellAdds[adds]}`].join("\n")}\n`;
}

/** `--stack=pr` arrives as one word or, from bash, as three; either way `pr` is completed as the value of --stack. */
function currentOf(words: readonly string[]): [before: string[], current: string] {
  const joined = words.flatMap((word) => (word.startsWith("--") ? splitOnce(word) : [word]));
  const last = joined.at(-1) ?? "";
  return [joined.slice(0, -1).filter((word) => word !== "="), last === "=" ? "" : last];
}

const splitOnce = (word: string): string[] => {
  const at = word.indexOf("=");
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
};

const none: Completion = { candidates: [], adds: "nothing" };
const help: Candidate = { text: "--help", description: "show this help" };

function complete(sections: readonly CommandSection[], before: readonly string[], current: string): Completion {
  const commands = sections.flatMap((section) => section.commands);
  const found = commands.find(({ name }) => startsWithWords(before, name.split(" ")));
  if (found) return completeInCommand(found, before.slice(found.name.split(" ").length), current);
  const [first, ...more] = before;
  if (more.length > 0) return none;
  const candidates = first === undefined ? topLevel(sections) : subcommands(commands, first);
  return { candidates: current.startsWith("-") && first === undefined ? topOptions : candidates, adds: "nothing" };
}

const startsWithWords = (words: readonly string[], start: readonly string[]): boolean =>
  start.every((word, index) => words[index] === word);

const topOptions: readonly Candidate[] = [help, { text: "--version", description: "print the version" }];

const topLevel = (sections: readonly CommandSection[]): Candidate[] =>
  sections.flatMap(({ commands, groups = [] }) => [
    ...commands.flatMap(({ name, description }) => (name.includes(" ") ? [] : [{ text: name, description }])),
    ...groups.map(({ name, description }) => ({ text: name, description })),
  ]);

const subcommands = (commands: readonly Command[], group: string): Candidate[] =>
  commands.flatMap(({ name, description }) =>
    name.startsWith(`${group} `) ? [{ text: name.slice(group.length + 1), description }] : [],
  );

function completeInCommand(command: Command, before: readonly string[], current: string): Completion {
  const { open, used, positional } = scan(command, before);
  if (current.startsWith("-")) return { candidates: unusedOptions(command, used), adds: "nothing" };
  const argument = Object.values(command.arguments)[positional.length];
  const kind = open ?? argument?.takes;
  if (kind) return completeValue(kind, before);
  return { candidates: unusedOptions(command, used), adds: "nothing" };
}

interface Scan {
  /** The option whose value follows. */
  open: ValueKind<unknown> | undefined;
  used: Set<string>;
  positional: string[];
}

function scan({ options }: Command, words: readonly string[]): Scan {
  const byFlag = new Map(Object.entries(options).map(([name, option]) => [flagOf(name), option]));
  const seen: Scan = { open: undefined, used: new Set(), positional: [] };
  let isMany = false;
  for (const word of words) {
    const option = byFlag.get(word);
    if (word.startsWith("-")) {
      seen.used.add(word);
      seen.open = option?.takes;
      isMany = option?.many === true;
    } else if (!seen.open) {
      seen.positional.push(word);
    } else if (!isMany) {
      seen.open = undefined;
    }
  }
  return seen;
}

function unusedOptions({ options }: Command, used: ReadonlySet<string>): Candidate[] {
  const own = Object.entries(options).map(([name, { description }]) => ({ text: flagOf(name), description }));
  return [...own, help].filter(({ text }) => !used.has(text));
}

function completeValue({ choices, completes }: ValueKind<unknown>, before: readonly string[]): Completion {
  if (choices) return { candidates: choices.map((text) => ({ text })), adds: "nothing" };
  if (completes === "file") return { candidates: [], adds: "files" };
  if (completes === "directory") return { candidates: [], adds: "directories" };
  if (completes !== "stack") return none;
  const at = before.indexOf("--project");
  const names = stackNames(at === -1 ? "." : (before[at + 1] ?? "."));
  return { candidates: names.filter((name) => !before.includes(name)).map((text) => ({ text })), adds: "nothing" };
}

/** Stacks with a configuration in the project directory. */
function stackNames(projectDirectory: string): string[] {
  try {
    const files = readdirSync(projectDirectory);
    return files.flatMap((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? []).toSorted();
  } catch {
    return []; // no such directory: the command will report it
  }
}
