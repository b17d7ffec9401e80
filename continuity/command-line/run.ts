/** Runs a command line: parsed by commander, validated by the command objects, with one error format. */
import { CommanderError, Option, type Command as CommanderCommand } from "commander";
import { nearestName } from "../../plan/near-name.ts";
import { CannotRun, exitStatus } from "../cannot-run.ts";
import { hasColour } from "../colour.ts";
import type { Command, CommandGroup } from "./command.ts";
import { Parser } from "./help.ts";
import { flagOf } from "./definition.ts";

/** Sections of the help, in order. */
export interface CommandSection {
  title: string;
  commands: readonly Command[];
  /** Groups of its commands. */
  groups?: readonly CommandGroup[];
}

export interface ProgramDefinition {
  name: string;
  description: string;
  version: string;
  sections: readonly CommandSection[];
}

export interface Outputs {
  out: Output;
  err: Output;
}

export interface Output {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * Returns the exit status.
 * @throws CannotRun for invalid input, and whatever the handler throws
 */
export async function runCommandLine(
  program: ProgramDefinition,
  args: readonly string[],
  outputs: Outputs = { out: process.stdout, err: process.stderr },
): Promise<number> {
  let status: number = exitStatus.met;
  const parser = buildParser(program, outputs, (ended) => (status = ended));
  try {
    await parser.parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitStatus.met; // --help, --version
    if (error.code === "commander.help") return exitStatus.couldNotRun; // shown because no command was given
    throw wrongLine(error);
  }
}

function buildParser(program: ProgramDefinition, { out, err }: Outputs, end: (status: number) => void): Parser {
  const described = new Map<CommanderCommand, Command[]>();
  const top = new Parser(program.name, described);
  top
    .description(program.description)
    .version(program.version, "--version", "print the version")
    .helpOption("-h, --help", "show this help")
    .commandsGroup(program.sections.at(-1)?.title ?? "") // the help command follows the last section
    .helpCommand("help [command]", "show the help of a command")
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      outputError: () => undefined, // thrown and reported in the common format
      getOutHelpWidth: () => out.columns || 80,
      getErrHelpWidth: () => err.columns || 80,
      getOutHasColors: () => hasColour(out),
      getErrHasColors: () => hasColour(err),
    })
    .exitOverride();
  refuseUnknown(top);
  described.set(
    top,
    program.sections.flatMap(({ commands }) => commands[0] ?? []),
  );
  for (const { title, commands, groups = [] } of program.sections) {
    const parents = new Map<string, Parser>();
    for (const command of commands) {
      const group = groups.find(({ name }) => command.name.startsWith(`${name} `));
      const parent = group && (parents.get(group.name) ?? addGroup(top, group, title));
      if (group && parent) parents.set(group.name, parent);
      const parser = addCommand(parent ?? top, command, end);
      if (!parent) parser.helpGroup(title);
      described.set(parser, [command]);
      if (parent) described.set(parent, [...(described.get(parent) ?? []), command]);
    }
  }
  return top;
}

const addGroup = (top: Parser, { name, description }: CommandGroup, title: string): Parser =>
  refuseUnknown(top.command(name).description(description).helpGroup(title));

/** A parser without a command: any input that reaches it is not a command. */
function refuseUnknown(parser: Parser): Parser {
  return parser
    .usage("[command] [options]")
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_options: unknown, { args }: Parser) => {
      const [word] = args;
      if (word === undefined) parser.help({ error: true });
      throw unknownWord(parser, word);
    });
}

function unknownWord(parser: Parser, word: string): CannotRun {
  const isOption = word.startsWith("-");
  const commands = parser.createHelp().visibleCommands(parser);
  const options = parser.createHelp().visibleOptions(parser);
  const known = isOption ? options.flatMap(({ long }) => long ?? []) : commands.map((command) => command.name());
  const near = nearestName(word, known);
  const path = parser.parent ? `${parser.parent.name()} ${parser.name()}` : parser.name();
  const help = `list them with ${path} --help`;
  const kind = isOption ? "option" : "command";
  return new CannotRun("invalid command line", [
    {
      where: kind,
      value: JSON.stringify(word),
      rule: `${path} has no such ${kind}`,
      remedy: near === undefined ? help : `did you mean ${near}? (${help})`,
    },
  ]);
}

function addCommand(parent: Parser, command: Command, end: (status: number) => void): Parser {
  const parser = parent
    .command(command.name.split(" ").at(-1) ?? command.name)
    .description(command.description)
    .usage(usageOf(command))
    .allowUnknownOption() // reported with all other problems instead of ending at the first
    .allowExcessArguments();
  for (const [name, { description, required }] of Object.entries(command.arguments)) {
    parser.argument(`[${name}]`, description + (required ? "" : " (optional)"));
  }
  for (const [name, { description, takes, many, required, default: usual }] of Object.entries(command.options)) {
    const value = takes ? ` <${takes.placeholder}${many ? "..." : ""}>` : "";
    const notes = [
      ...(takes?.choices ? [`one of ${takes.choices.join(", ")}`] : []),
      ...(required ? ["required"] : []),
      ...(usual === undefined ? [] : [`default ${usual}`]),
    ];
    parser.addOption(
      new Option(flagOf(name) + value, description + (notes.length > 0 ? ` (${notes.join("; ")})` : "")),
    );
  }
  return parser.action(async () => end(await command.start({ options: parser.opts(), rest: parser.args })));
}

/** Required options and arguments first. */
function usageOf({ options, arguments: positional }: Command): string {
  const shown = Object.entries(positional).map(([name, { required }]) => (required ? `<${name}>` : `[${name}]`));
  const needed = Object.entries(options).flatMap(([name, { takes, many, required }]) =>
    required && takes ? [`${flagOf(name)} <${takes.placeholder}${many ? "..." : ""}>`] : [],
  );
  return [...shown, ...needed, "[options]"].join(" ");
}

/** Errors of commander itself: a missing value at the end of the line. */
function wrongLine(error: CommanderError): CannotRun {
  const flag = /'(--\S+) <([^>]+)>'/.exec(error.message);
  if (error.code !== "commander.optionMissingArgument" || !flag) return new CannotRun(error.message);
  const [, where = "", placeholder = ""] = flag;
  const value = placeholder.replace("...", "").toUpperCase();
  return new CannotRun("invalid command line", [
    { where, value: "without a value", rule: `it takes ${value}`, remedy: `write ${where} ${value}` },
  ]);
}
