/**
 * Writes the parts of the documentation that follow from the source: the picture of who imports whom, the references of
 * the API, the command line and the configuration. With `--check` it writes nothing and exits with 1 when something is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { apiPages } from "./api.ts";
import { architecturePage } from "./architecture.ts";
import { commandLinePage } from "./command-line.ts";
import { configurationPage } from "./configuration.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const architecture = join(repository, "docs/explanation/architecture.md");
const configuration = join(repository, "docs/reference/configuration.md");
const commandLine = join(repository, "docs/reference/command-line.md");

const formatted = async (path: string, text: string): Promise<[string, string]> => [
  path,
  await format(text, { ...(await resolveConfig(path)), filepath: path }),
];

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

const [picture, commands, api] = await Promise.all([
  architecturePage(architecture, repository),
  commandLinePage(),
  apiPages(repository),
]);
const wanted = await Promise.all([
  formatted(architecture, picture),
  formatted(commandLine, commands),
  formatted(configuration, configurationPage(configuration, join(repository, "Pulumi.yaml"))),
  ...[...api].map(([name, text]) => formatted(join(repository, "docs/reference/api", name), text)),
]);
const stale = wanted.filter(([path, text]) => textOf(path) !== text).map(([path]) => path);

if (!process.argv.includes("--check")) {
  for (const [path, text] of wanted) writeFileSync(path, text);
} else if (stale.length > 0) {
  const names = stale.map((path) => `  ${path.slice(repository.length)}`).join("\n");
  process.stderr.write(`out of date, run \`npm run docs\`:\n${names}\n`);
  process.exitCode = 1;
}
