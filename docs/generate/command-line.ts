/** The reference of the command line, from the command objects. */
import type { Command } from "../../continuity/command-line/command.ts";
import { flagOf, type OptionDefinition } from "../../continuity/command-line/definition.ts";
import { allSections } from "../../continuity/commands/index.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** What stands behind an option, or for an argument. */
const accepted = ({ takes, many }: Pick<OptionDefinition, "takes" | "many">): string => {
  if (takes === undefined) return "";
  const dots = many ? "..." : "";
  return takes.choices ? takes.choices.join(" \\| ") : `\`<${takes.placeholder}${dots}>\``;
};

const optionRow = ([name, option]: [string, OptionDefinition]): string => {
  const value = option.required ? "required" : option.default === undefined ? "" : `\`${option.default}\``;
  return `| \`${flagOf(name)}\` | ${accepted(option)} | ${value} | ${cell(option.description)} |`;
};

function commandSection(command: Command): string {
  const words = Object.entries(command.arguments).map(([name, { required }]) => (required ? `<${name}>` : `[${name}]`));
  const options = Object.entries(command.options);
  return [
    `## ${command.name}`,
    `\`continuity ${[command.name, ...words].join(" ")}\`: ${command.description}.`,
    ...Object.entries(command.arguments).map(([name, { description }]) => `\`${name}\`: ${description}.`),
    ...(options.length === 0
      ? []
      : [["| option | value | default | |", "| --- | --- | --- | --- |", ...options.map(optionRow)].join("\n")]),
    ["```sh", ...command.examples.map(({ why, line }) => `continuity ${line}    # ${why}`), "```"].join("\n"),
    exitStatus(command),
  ].join("\n\n");
}

const exitStatus = (command: Command): string => {
  const meanings = { 2: "it could not run, or the options are wrong; nothing was changed", ...command.exitStatus };
  return `Exit status: ${Object.entries(meanings)
    .map(([status, meaning]) => `${status} ${meaning}`)
    .join("; ")}.`;
};

/** The whole page, in the order of `continuity --help`. */
export async function commandLinePage(): Promise<string> {
  const sections = await allSections();
  return [
    "<!-- Generated from continuity/commands by `npm run docs`. -->",
    "# Command line",
    "In a checkout, `continuity` is `npm run -s continuity --`. Options follow the command; `--help` shows them with examples.",
    ...sections.flatMap(({ commands }) => commands.map(commandSection)),
  ].join("\n\n");
}
