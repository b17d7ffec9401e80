/** The table of a stack's configuration, from its one definition. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { stackSettings } from "../../contract/index.ts";

interface Project {
  config: Record<string, { default?: unknown } | undefined>;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** The page at `path` with the table as it is now. */
export function configurationPage(path: string, projectFile: string): string {
  const { config } = parse(readFileSync(projectFile, "utf8")) as Project;
  const rows = Object.entries(stackSettings).map(([key, { about, absent }]) => {
    const fallback = config[key]?.default;
    const given = fallback === undefined ? (absent ? "optional" : "required") : `\`${JSON.stringify(fallback)}\``;
    return `| \`${key}\` | ${given} | ${cell(about)} |`;
  });
  const table = ["| key | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
  return readFileSync(path, "utf8").replace(
    /(<!-- settings:begin[^>]*-->)[\s\S]*(<!-- settings:end -->)/,
    (_, begin, end) => `${begin}\n\n${table}\n\n${end}`,
  );
}
