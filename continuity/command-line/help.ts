/** Help as commander prints it, with examples, exit statuses and where the documentation is. */
import { styleText } from "node:util";
import { Command as CommanderCommand, Help } from "commander";
import type { Command, Example } from "./command.ts";

/** Below this width a description stands under its term instead of beside it. */
const narrowColumn = 36;

const documentation =
  "docs/README.md is the index of the documentation, docs/how-to/fail-over.md the runbook for a lost region.";
const invocation = "In a checkout, `continuity` is `npm run -s continuity --`.";

/** The commands behind each parser: its own, those of its group, or a first few of the program. */
export type Described = ReadonlyMap<CommanderCommand, readonly Command[]>;

/** Commander's parser with our help. */
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

  /** Commander takes the style away where there is no colour. */
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

  /** The line to copy stays whole. */
  readonly #example = ({ why, line }: Example): string[] => [this.#indented(`# ${why}`, 2), `  continuity ${line}`];

  /** A group has none: each of its commands has its own. */
  #exitStatus([command, ...others]: readonly Command[]): string[] {
    if (!command || others.length > 0) return [];
    const meanings = { 2: "it could not run, or the options are wrong; nothing was changed", ...command.exitStatus };
    return Object.entries(meanings).map(([status, meaning]) => this.#indented(`${status}  ${meaning}`, 2, 3));
  }

  /** Wraps to the width, each line indented; those after the first by `hanging` more. */
  #indented(text: string, spaces: number, hanging = 0): string {
    const lines = this.boxWrap(text, this.#width - spaces - hanging).split("\n");
    return lines.map((line, index) => " ".repeat(spaces + (index === 0 ? 0 : hanging)) + line).join("\n");
  }
}

/** All of one command's; the first of each where there are several. */
const examplesOf = (commands: readonly Command[]): readonly Example[] =>
  commands.length === 1 ? (commands[0]?.examples ?? []) : commands.map((command) => command.examples[0]);
