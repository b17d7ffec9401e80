/** Commander's help, extended by examples, exit statuses and a pointer to the documentation. */
import { styleText } from "node:util";
import { Command as CommanderCommand, Help } from "commander";
import type { Command, Example } from "./command.ts";

/** Below this width, descriptions are placed under their terms. */
const narrowColumn = 36;

const documentation =
  "docs/README.md is the index of the documentation, docs/how-to/fail-over.md the runbook for a lost region.";
const invocation = "In a checkout, `continuity` is `npm run -s continuity --`.";

/** Commands of each parser: its own, those of its group, or a selection for the program. */
export type Described = ReadonlyMap<CommanderCommand, readonly Command[]>;

/** Commander's parser with this help. */
export class Parser extends CommanderCommand {
  readonly #described: Described;

  constructor(name: string, described: Described) {
    super(name);
    this.#described = described;
  }

  override createCommand(name = ""): Parser {
    return new Parser(name, this.#described);
  }

  override createHelp(): Help {
    return new ExplainingHelp(this.#described);
  }
}

class ExplainingHelp extends Help {
  readonly #described: Described;
  override minWidthToWrap = 20;

  constructor(described: Described) {
    super();
    this.#described = described;
  }

  /** Commander removes styles where there is no colour. */
  override styleTitle(title: string): string {
    return styleText("bold", title, { validateStream: false });
  }

  override subcommandTerm(parser: CommanderCommand): string {
    return parser.name();
  }

  override commandUsage(parser: CommanderCommand): string {
    const hanging = "Usage: ".length;
    return this.boxWrap(super.commandUsage(parser), this.#width - hanging).replaceAll("\n", `\n${" ".repeat(hanging)}`);
  }

  override formatItem(term: string, termWidth: number, description: string, helper: Help): string {
    if (this.#width - termWidth - 4 >= narrowColumn) return super.formatItem(term, termWidth, description, helper);
    return [this.#indented(term, 2), ...(description === "" ? [] : [this.#indented(description, 6)])].join("\n");
  }

  override formatHelp(parser: CommanderCommand, helper: Help): string {
    const commands = this.#described.get(parser) ?? [];
    return [
      super.formatHelp(parser, helper),
      ...this.#section("Examples:", examplesOf(commands).flatMap(this.#example)),
      ...this.#section("Exit status:", this.#exitStatus(commands)),
      ...(parser.parent ? [] : [this.boxWrap(`${invocation} ${documentation}`, this.#width), ""]),
    ].join("\n");
  }

  get #width(): number {
    return this.helpWidth ?? 80;
  }

  #section(title: string, lines: readonly string[]): string[] {
    return lines.length === 0 ? [] : [this.styleTitle(title), ...lines, ""];
  }

  /** Lines to copy are not wrapped. */
  readonly #example = ({ why, line }: Example): string[] => [this.#indented(`# ${why}`, 2), `  continuity ${line}`];

  /** Groups have none: each of their commands does. */
  #exitStatus([command, ...others]: readonly Command[]): string[] {
    if (!command || others.length > 0) return [];
    const meanings = { 2: "could not run, or invalid options; nothing was changed", ...command.exitStatus };
    return Object.entries(meanings).map(([status, meaning]) => this.#indented(`${status}  ${meaning}`, 2, 3));
  }

  /** Wraps to the width with an indent; continuation lines are indented by `hanging` more. */
  #indented(text: string, spaces: number, hanging = 0): string {
    const lines = this.boxWrap(text, this.#width - spaces - hanging).split("\n");
    return lines.map((line, index) => " ".repeat(spaces + (index === 0 ? 0 : hanging)) + line).join("\n");
  }
}

/** All examples of one command; the first of each if there are several commands. */
const examplesOf = (commands: readonly Command[]): readonly Example[] =>
  commands.length === 1 ? (commands[0]?.examples ?? []) : commands.map((command) => command.examples[0]);
