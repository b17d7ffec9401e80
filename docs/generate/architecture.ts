/** The picture of who imports whom, drawn from the source. */
import { readFileSync } from "node:fs";
import { cruise, type ICruiseResult } from "dependency-cruiser";

/** The directories that the picture shows; the first that is a prefix of a file's path counts. */
const directories = [
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

const directoryOf = (path: string): string | undefined =>
  directories.find((directory) => path === directory || path.startsWith(`${directory}/`));

type Graph = Map<string, Set<string>>;

async function importsBetweenDirectories(baseDir: string): Promise<Graph> {
  const sources = ["index.ts", "plan", "contract", "components", "policies", "jobs", "continuity", "drill", "packages"];
  const options = {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/test/|cluster/go" },
    tsPreCompilationDeps: true,
  };
  const { output } = await cruise(sources, { ...options, baseDir });
  const graph: Graph = new Map(directories.map((directory) => [directory, new Set()]));
  for (const { source, dependencies } of (output as ICruiseResult).modules) {
    const from = directoryOf(source);
    for (const { resolved } of dependencies) {
      const to = directoryOf(resolved);
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
  const reaches = (directory: string): boolean => {
    if (directory === to) return true;
    if (seen.has(directory)) return false;
    seen.add(directory);
    return [...(graph.get(directory) ?? [])].some(reaches);
  };
  return [...(graph.get(from) ?? [])].some((next) => next !== to && reaches(next));
}

function mermaid(graph: Graph): string {
  const id = (directory: string): string => directory.replaceAll(/[^a-z]/g, "_");
  const arrows = directories.flatMap((from) =>
    [...(graph.get(from) ?? [])]
      .filter((to) => !isImplied(graph, from, to))
      .toSorted()
      .map((to) => `  ${id(from)} --> ${id(to)}`),
  );
  const names = directories.map((directory) => `  ${id(directory)}["${directory}"]`);
  return ["```mermaid", "flowchart TD", ...names, ...arrows, "```"].join("\n");
}

const marked = /(<!-- imports:begin[^>]*-->)[\s\S]*(<!-- imports:end -->)/;

/** The page at `path` with the picture as it is now. */
export async function architecturePage(path: string, baseDir: string): Promise<string> {
  const picture = mermaid(await importsBetweenDirectories(baseDir));
  return readFileSync(path, "utf8").replace(marked, (_, begin, end) => `${begin}\n\n${picture}\n\n${end}`);
}
