/**
 * Writes the parts of the documentation that follow from the source: the picture of who imports whom, and the API
 * reference. With `--check` it writes nothing and exits with 1 when something is out of date.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cruise, type ICruiseResult } from "dependency-cruiser";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("..", import.meta.url));
const architecture = join(repository, "docs/explanation/architecture.md");
const apiFolder = join(repository, "docs/reference/api");

/** The directories that the picture shows; the first that is a prefix of a file's path counts. */
const rooms = [
  "components/stack",
  "components/shared",
  "components/site",
  "components/kit",
  "policies",
  "jobs",
  "continuity",
  "drill",
  "contract",
  "plan",
  "packages/local-cloud",
  "index.ts",
];

const roomOf = (path: string): string | undefined => rooms.find((room) => path === room || path.startsWith(`${room}/`));

type Graph = Map<string, Set<string>>;

async function importsBetweenRooms(): Promise<Graph> {
  const sources = ["index.ts", "plan", "contract", "components", "policies", "jobs", "continuity", "drill", "packages"];
  const options = {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/test/|cluster/go" },
    tsPreCompilationDeps: true,
  };
  const { output } = await cruise(sources, { ...options, baseDir: repository });
  const graph: Graph = new Map(rooms.map((room) => [room, new Set()]));
  for (const { source, dependencies } of (output as ICruiseResult).modules) {
    const from = roomOf(source);
    for (const { resolved } of dependencies) {
      const to = roomOf(resolved);
      if (from !== undefined && to !== undefined && from !== to) graph.get(from)?.add(to);
    }
  }
  // The command line loads the drill only when it is asked for; the rule of the directories is the other way round.
  graph.get("continuity")?.delete("drill");
  return graph;
}

/** Whether `to` can be reached from `from` by two steps or more. */
function isImplied(graph: Graph, from: string, to: string): boolean {
  const seen = new Set<string>();
  const reaches = (room: string): boolean => {
    if (room === to) return true;
    if (seen.has(room)) return false;
    seen.add(room);
    return [...(graph.get(room) ?? [])].some(reaches);
  };
  return [...(graph.get(from) ?? [])].some((next) => next !== to && reaches(next));
}

function mermaid(graph: Graph): string {
  const id = (room: string): string => room.replaceAll(/[^a-z]/g, "_");
  const arrows = rooms.flatMap((from) =>
    [...(graph.get(from) ?? [])]
      .filter((to) => !isImplied(graph, from, to))
      .toSorted()
      .map((to) => `  ${id(from)} --> ${id(to)}`),
  );
  const names = rooms.map((room) => `  ${id(room)}["${room}"]`);
  return ["```mermaid", "flowchart TD", ...names, ...arrows, "```"].join("\n");
}

const marked = /(<!-- imports:begin[^>]*-->)[\s\S]*(<!-- imports:end -->)/;

async function architecturePage(): Promise<string> {
  const picture = mermaid(await importsBetweenRooms());
  return readFileSync(architecture, "utf8").replace(marked, (_, begin, end) => `${begin}\n\n${picture}\n\n${end}`);
}

/** Generated pages by name. */
async function apiPages(): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "api-reference-"));
  try {
    const binaries = join(repository, "node_modules/.bin");
    await run(join(binaries, "typedoc"), ["--out", folder, "--logLevel", "Warn"], { cwd: repository });
    await run(join(binaries, "prettier"), ["--write", "--config", join(repository, ".prettierrc.json"), folder], {});
    return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

const [page, api] = await Promise.all([architecturePage(), apiPages()]);
const wanted = new Map([
  [architecture, page],
  ...[...api].map(([name, text]) => [join(apiFolder, name), text] as const),
]);
const stale = [...wanted].filter(([path, text]) => textOf(path) !== text).map(([path]) => path);

if (!process.argv.includes("--check")) {
  for (const [path, text] of wanted) writeFileSync(path, text);
} else if (stale.length > 0) {
  const names = stale.map((path) => `  ${path.slice(repository.length)}`).join("\n");
  process.stderr.write(`out of date, run \`npm run docs\`:\n${names}\n`);
  process.exitCode = 1;
}
