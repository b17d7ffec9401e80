/** The Kubernetes cluster program, from `cluster/go`: with the official control plane beside it, or one of its own. */
import { linkSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cached, isCached } from "./cache.ts";
import type { Recipe } from "./cache.ts";
import { NotDownloaded } from "./download.ts";
import { buildGo, pinnedVersion } from "./go.ts";
import { controlPlanePrograms, downloadControlPlane, findControlPlane } from "./releases.ts";
import type { AvailableControlPlane, ControlPlaneVersions, ReleaseOptions } from "./releases.ts";
import type { Progress } from "./types.ts";

export const clusterModule = join(import.meta.dirname, "../cluster/go");
const versionPackage = "k8s.io/component-base/version";

/**
 * Kubernetes' own packages are compiled without inlining, which takes a fifth to a half less time. No difference in the
 * start or the processor time of a cluster could be measured: what is called most lies in the libraries.
 */
export const kubernetesFlags = ["-gcflags=k8s.io/kubernetes/...=-dwarf=false -l"];

/** What the compiler reads; scripts and notes beside it change nothing. */
const sources = (): string[] =>
  readdirSync(clusterModule, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.go$|(^|\/)go\.(mod|sum)$/.test(path))
    .sort();

export function versions(): ControlPlaneVersions {
  const goMod = readFileSync(join(clusterModule, "go.mod"), "utf8");
  const of = (dependency: string): string => pinnedVersion(goMod, dependency);
  return { kubernetes: of("k8s.io/kubernetes"), etcd: of("go.etcd.io/etcd/server/v3") };
}

/** Path of the program. The order is what is there, download, build. */
export async function ensureCluster(progress: Progress, options: ReleaseOptions = {}): Promise<string> {
  const built = builtCluster(progress);
  if (!isCached(built)) {
    const official = await officialCluster(progress, options);
    if (official !== undefined) return official;
  }
  return join(await cached(built, progress), "cluster");
}

/** What the linker sets: the version that the API reports. */
export function variables(): Record<string, string> {
  const { kubernetes } = versions();
  const [major = "", minor = ""] = kubernetes.slice(1).split(".");
  return {
    [`${versionPackage}.gitVersion`]: kubernetes,
    [`${versionPackage}.gitMajor`]: major,
    [`${versionPackage}.gitMinor`]: minor,
  };
}

const builtCluster = (progress: Progress): Recipe => ({
  name: "cluster",
  task: "building the Kubernetes control plane",
  estimate: "about 3 min",
  mebibytes: 500,
  weight: 170,
  inputs: { root: clusterModule, files: sources(), facts: [JSON.stringify([variables(), kubernetesFlags])] },
  make: (target, reach) =>
    buildGo(
      { module: clusterModule, package: ".", variables: variables(), flags: kubernetesFlags },
      join(target, "cluster"),
      progress,
      reach,
    ),
});

/** With the official control plane, only the nodes are built; undefined where it cannot be had. */
export async function officialCluster(progress: Progress, options: ReleaseOptions = {}): Promise<string | undefined> {
  let releases: AvailableControlPlane = [];
  const plane = officialControlPlane(() => releases, options);
  const nodes = builtNodes(plane, progress);
  if (!isCached(nodes) && !isCached(plane)) {
    const found = await findControlPlane(versions(), options);
    if (found === undefined) return undefined;
    releases = found;
  }
  try {
    return join(await cached(nodes, progress), "cluster");
  } catch (error) {
    if (!(error instanceof NotDownloaded)) throw error;
    progress(`the download of Kubernetes failed, so it will be built (${error.message.split("\n")[0]})`);
    return undefined;
  }
}

/** The nodes for an official control plane; the flags decide what is built, so they are part of the inputs. */
export const builtNodes = (plane: Recipe, progress: Progress, flags = kubernetesFlags): Recipe => ({
  name: "cluster-nodes",
  task: "building the nodes of the Kubernetes cluster",
  estimate: "about 1 min",
  mebibytes: 150,
  weight: 60,
  inputs: { root: clusterModule, files: sources(), facts: [JSON.stringify([versions(), flags])] },
  make: async (target, reach) => {
    const programs = cached(plane, progress);
    programs.catch(() => undefined); // what was compiled by then is of use for the rest, so that comes to its end
    await buildGo(
      { module: clusterModule, package: "./official", variables: {}, flags },
      join(target, "cluster"),
      progress,
      reach,
    );
    for (const program of controlPlanePrograms) linkSync(join(await programs, program), join(target, program));
  },
});

const officialControlPlane = (releases: () => AvailableControlPlane, { limits }: ReleaseOptions): Recipe => ({
  name: "kubernetes",
  task: "downloading the Kubernetes control plane",
  estimate: "about 280 MB",
  mebibytes: 400,
  weight: 30,
  inputs: { root: clusterModule, files: [], facts: [JSON.stringify(versions())] },
  make: (target, reach) => downloadControlPlane(releases(), target, reach, limits),
});
