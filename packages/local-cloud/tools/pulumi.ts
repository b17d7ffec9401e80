/** The Pulumi CLI with its Node language host and policy analyzer: the machine's, a download, or built here. */
import { chmodSync, copyFileSync, existsSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cached } from "./cache.ts";
import { run } from "./command.ts";
import { buildGo, go, goModule, pinnedVersion } from "./go.ts";
import { downloadPulumi } from "./releases.ts";
import type { Progress } from "./types.ts";

export interface Pulumi {
  pulumi: string;
  binDir: string;
}

const languageHost = "pulumi-language-nodejs";
const analyzer = "pulumi-analyzer-policy";
const sdk = "github.com/pulumi/pulumi/sdk/v3";

const pinned = (module: string, dependency: string): string =>
  pinnedVersion(readFileSync(join(goModule(module), "go.mod"), "utf8"), dependency);

/** Version that we download or build. */
export const pulumiVersion = (): string => pinned("pulumi", "github.com/pulumi/pulumi/pkg/v3");

/** True for the pinned version and later ones of the same major. */
export function suits(version: string, least = pulumiVersion()): boolean {
  const numbers = (text: string): number[] | undefined =>
    /^v(\d+)\.(\d+)\.(\d+)$/.exec(text.trim())?.slice(1).map(Number);
  const [have, want] = [numbers(version), numbers(least)];
  if (!have || !want) return false;
  const [major = 0, minor = 0, patch = 0] = have;
  const [wantedMajor = 0, wantedMinor = 0, wantedPatch = 0] = want;
  return major === wantedMajor && (minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch));
}

/** Ready to use; the order is PATH, download, build. */
export async function ensurePulumi(progress: Progress): Promise<Pulumi> {
  return (await pulumiOnPath(progress)) ?? (await installed(progress));
}

const complete = (binDir: string): boolean =>
  ["pulumi", languageHost, analyzer].every((file) => existsSync(join(binDir, file)));

/** The machine's own, if it is new enough and has its companions beside it. */
export async function pulumiOnPath(progress: Progress): Promise<Pulumi | undefined> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const found = folders.map((folder) => join(folder, "pulumi")).find((path) => existsSync(path));
  if (!found) return undefined;
  const binDir = [dirname(found), dirname(realpathSync(found))].find(complete);
  const version = binDir && (await versionOf(found, progress).catch(() => undefined)); // one that does not work is none
  if (!binDir || !version || !suits(version)) return undefined;
  return { pulumi: join(binDir, "pulumi"), binDir };
}

/** Asking a CLI for its version takes longer than all the rest of a warm start, so the answer is kept. */
async function versionOf(path: string, progress: Progress): Promise<string> {
  const { size, mtimeMs } = statSync(path);
  const folder = await cached(
    {
      name: "pulumi-version",
      task: "asking the installed Pulumi for its version",
      estimate: "a moment",
      inputs: { root: "/", files: [], facts: [realpathSync(path), String(size), String(mtimeMs)] },
      make: async (target) => {
        const answer = await run(path, ["version"], { limitSeconds: 20, env: { PULUMI_SKIP_UPDATE_CHECK: "1" } });
        writeFileSync(join(target, "version"), answer);
      },
    },
    progress,
  );
  return readFileSync(join(folder, "version"), "utf8");
}

async function installed(progress: Progress): Promise<Pulumi> {
  const folder = await cached(
    {
      name: "pulumi",
      task: `getting Pulumi ${pulumiVersion()}`,
      estimate: "about 1 min where it must be built",
      mebibytes: 400,
      weight: 60,
      inputs: { root: join(import.meta.dirname, "go"), files: ["."], facts: [] },
      make: async (target, reach) => {
        const binDir = join(target, "bin");
        if (!(await downloadPulumi(pulumiVersion(), binDir, progress, reach)) || !complete(binDir)) {
          await build(binDir, progress, reach);
        }
      },
    },
    progress,
  );
  const binDir = join(folder, "bin");
  return { pulumi: join(binDir, "pulumi"), binDir };
}

/** Part of the work that is the CLI, in seconds of a processor: 80 of 95. */
const cliShare = 0.85;

async function build(binDir: string, progress: Progress, reach: (share: number) => void): Promise<void> {
  const version = pulumiVersion();
  const cli = goModule("pulumi");
  await buildGo(
    {
      module: cli,
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      variables: { [`${sdk}/go/common/version.Version`]: version },
    },
    join(binDir, "pulumi"),
    progress,
    (share) => reach(share * cliShare),
  );
  // The last sdk that holds the language host is older than the CLI, so it is a module of its own.
  await buildGo(
    {
      module: goModule("language-host"),
      package: `${sdk}/nodejs/cmd/${languageHost}`,
      variables: { [`${sdk}/go/common/version.Version`]: pinned("language-host", sdk) },
    },
    join(binDir, languageHost),
    progress,
    (share) => reach(cliShare + share * (1 - cliShare)),
  );
  const source = (await go(cli, ["list", "-m", "-f", "{{.Dir}}", sdk], progress)).trim();
  copyFileSync(join(source, "nodejs/dist", analyzer), join(binDir, analyzer));
  chmodSync(join(binDir, analyzer), 0o755);
}
