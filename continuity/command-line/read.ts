/** Parses command line input into values, reporting all problems at once. */
import { nearestName } from "../../plan/near-name.ts";
import { shown, type Problem } from "../../contract/problems.ts";
import { CannotRun } from "../cannot-run.ts";
import { flagOf, type ArgumentDefinition, type Arguments, type Inputs } from "./definition.ts";
import type { OptionDefinition, Options, Values } from "./definition.ts";
import { isRefusal, type ValueKind } from "./value-kinds.ts";

export interface Written {
  /** By property name, as parsed by commander: a text, a list of texts, or true. */
  options: Readonly<Record<string, unknown>>;
  /** Arguments, and everything from the first unknown option on. */
  rest: readonly string[];
}

export interface Read {
  values: Record<string, unknown>;
  problems: Problem[];
}

/**
 * Parses the input of a command.
 * @throws CannotRun with all problems
 */
export function readValues<O extends Options, A extends Arguments>(
  command: string,
  inputs: Inputs<O, A>,
  written: Written,
): Values<O> & Values<A> {
  const { values, problems } = readWritten(inputs, written);
  if (problems.length > 0) throw new CannotRun(`${command} cannot run with these options`, problems);
  return values as Values<O> & Values<A>; // each was parsed by the kind from which this type is derived
}

export function readWritten(inputs: Inputs, { options, rest }: Written): Read {
  const { positional, unknown } = split(rest);
  const known = [...Object.keys(inputs.options).map(flagOf), "--help"];
  const misspelt = unknown.map((flag) => ({ flag, meant: nearestName(flag, known) }));
  const read: Read = { values: {}, problems: misspelt.map(({ flag, meant }) => unknownOption(flag, meant, known)) };
  readArguments(read, inputs.arguments, positional);
  for (const [name, definition] of Object.entries(inputs.options)) {
    const isMisspelt = misspelt.some(({ meant }) => meant === flagOf(name)); // one problem, not also a missing option
    if (!isMisspelt) readOption(read, name, definition, options[name] ?? definition.default);
  }
  return read;
}

/** An unknown option may have values, so what follows it does not count as an argument. */
function split(rest: readonly string[]): { positional: string[]; unknown: string[] } {
  const isOption = (word: string): boolean => word.length > 1 && word.startsWith("-");
  const first = rest.findIndex(isOption);
  const positional = first === -1 ? [...rest] : rest.slice(0, first);
  const unknown = first === -1 ? [] : rest.slice(first).filter(isOption);
  return { positional, unknown: unknown.map((word) => word.split("=")[0] ?? word) };
}

const unknownOption = (flag: string, meant: string | undefined, known: readonly string[]): Problem => ({
  where: "option",
  value: shown(flag),
  rule: "the command has no such option",
  remedy: meant === undefined ? `it has ${known.join(", ")}` : `did you mean ${meant}?`,
});

function readArguments(read: Read, definitions: Arguments, written: readonly string[]): void {
  const entries = Object.entries(definitions);
  for (const [index, [name, definition]] of entries.entries()) readArgument(read, name, definition, written[index]);
  const extra = written.slice(entries.length);
  if (extra.length === 0) return;
  const rule = entries.length === 0 ? "the command takes none" : `the command takes ${entries.length} only`;
  read.problems.push({
    where: "argument",
    value: extra.map((word) => shown(word)).join(" "),
    rule,
    remedy: "remove it",
  });
}

function readArgument(read: Read, name: string, definition: ArgumentDefinition, written: string | undefined): void {
  const where = name.toUpperCase();
  if (written !== undefined) read.values[name] = parseOne(read, definition.takes, written, where);
  else if (definition.required) read.problems.push(missing(where, `add it: ${definition.description}`));
}

function readOption(read: Read, name: string, definition: OptionDefinition, written: unknown): void {
  const { takes, many, required, description } = definition;
  const where = flagOf(name);
  if (!takes) {
    read.values[name] = written === true;
    return;
  }
  const texts = (Array.isArray(written) ? written : [written]).filter((text) => typeof text === "string");
  if (required && texts.length === 0) {
    read.problems.push(missing(where, `add ${where} ${takes.placeholder.toUpperCase()} (${description})`));
  }
  const values = texts.map((text) => parseOne(read, takes, text, where));
  read.values[name] = many ? values : values.at(-1);
}

function parseOne(read: Read, kind: ValueKind<unknown>, written: string, where: string): unknown {
  const parsed = kind.parse(written, where);
  if (!isRefusal(parsed)) return parsed.value;
  read.problems.push({ where, value: shown(written), ...parsed });
  return undefined;
}

const missing = (where: string, remedy: string): Problem => ({
  where,
  value: "missing",
  rule: "the command requires it",
  remedy,
});
