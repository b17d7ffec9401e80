/** The Kubernetes cluster program, built from `cluster/go`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "./cache.ts";
import { buildGo, pinnedVersion } from "./go.ts";
import type { Progress } from "./types.ts";

const module = join(import.meta.dirname, "../cluster/go");
const versionPackage = "k8s.io/component-base/version";

/** What the compiler reads; scripts and notes beside it change nothing. */
const sources = (): string[] =>
  readdirSync(module, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.go$|(^|\/)go\.(mod|sum)$/.test(path))
    .sort();

/** Path of the program. */
export async function ensureCluster(progress: Progress): Promise<string> {
  const version = pinnedVersion(readFileSync(join(module, "go.mod"), "utf8"), "k8s.io/kubernetes");
  const [major = "", minor = ""] = version.slice(1).split(".");
  const variables = {
    [`${versionPackage}.gitVersion`]: version,
    [`${versionPackage}.gitMajor`]: major,
    [`${versionPackage}.gitMinor`]: minor,
  };
  const folder = await cached(
    {
      name: "cluster",
      task: "building the Kubernetes control plane",
      estimate: "about 5 min",
      mebibytes: 500,
      inputs: { root: module, files: sources(), facts: [JSON.stringify(variables)] },
      make: (target) => buildGo({ module, package: ".", variables }, join(target, "cluster"), progress),
    },
    progress,
  );
  return join(folder, "cluster");
}
