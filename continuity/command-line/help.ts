/** Help as commander prints it, with examples, exit statuses and where the documentation is. */
import { styleText } from "node:util";
import { Help, type Command as Parser, type HelpConfiguration } from "commander";
import type { Command, Example } from "./command.ts";

/** Narrower than this, a description stands below its term instead of beside it. */
const narrowColumn = 36;

const documentation = "docs/ has everything to read; docs/failover.md is the runbook for a lost region.";
const invocation = "In a checkout, `continuity` is `npm run -s continuity --`.";

/** @param described the commands behind a parser: its own, or those of its group */
export function helpConfiguration(described: (parser: Parser) => readonly Command[]): HelpConfiguration {
  const own = new Help();
  return {
    minWidthToWrap: 20,
    styleTitle: (title) => styleText("bold", title, { validateStream: false }), // commander strips it where colour is off
    subcommandTerm: (parser) => parser.name(),
    formatItem(term, termWidth, description, helper) {
      const width = helper.helpWidth ?? 80;
      if (width - termWidth - 4 >= narrowColumn) {
        own.helpWidth = width;
        own.minWidthToWrap = narrowColumn;
        return own.formatItem(term, termWidth, description, helper);
      }
      return indented(term, 2, width, helper) + (description && `\n${indented(description, 6, width, helper)}`);
    },
    formatHelp(parser, helper) {
      const width = helper.helpWidth ?? 80;
      const after = [
        ...section("Examples:", examples(described(parser)).flatMap(exampleLines(width, helper)), helper),
        ...section("Exit status:", exitStatusLines(described(parser), width, helper), helper),
        ...(parser.parent ? [] : [helper.boxWrap(`${invocation} ${documentation}`, width), ""]),
      ];
      return [own.formatHelp(parser, helper), ...after].join("\n");
    },
  };
}

/** All of one command's; the first of each where there are several. */
const examples = (commands: readonly Command[]): readonly Example[] =>
  commands.length === 1 ? (commands[0]?.examples ?? []) : commands.map((command) => command.examples[0]);

const exampleLines =
  (width: number, helper: Help) =>
  ({ why, line }: Example): string[] => [indented(`# ${why}`, 2, width, helper), `  continuity ${line}`];

/** A group's commands each have their own. */
function exitStatusLines(commands: readonly Command[], width: number, helper: Help): string[] {
  const [command, ...others] = commands;
  if (!command || others.length > 0) return [];
  const meanings = { 2: "it could not run, or the options are wrong; nothing was changed", ...command.exitStatus };
  return Object.entries(meanings).map(([status, meaning]) => indented(`${status}  ${meaning}`, 2, width, helper, 3));
}

const section = (title: string, lines: readonly string[], helper: Help): string[] =>
  lines.length === 0 ? [] : [helper.styleTitle(title), ...lines, ""];

/** Wraps to the width, each line indented; those after the first by `hanging` more. */
function indented(text: string, spaces: number, width: number, helper: Help, hanging = 0): string {
  const lines = helper.boxWrap(text, width - spaces - hanging).split("\n");
  return lines.map((line, index) => " ".repeat(spaces + (index === 0 ? 0 : hanging)) + line).join("\n");
}
