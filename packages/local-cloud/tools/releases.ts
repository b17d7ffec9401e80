/** Official releases of the programs that the local stack needs, in the versions that go.mod pins. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.ts";
import { download, NotDownloaded, publishedDigest } from "./download.ts";
import type { DownloadLimits, Remote } from "./download.ts";
import type { Progress } from "./types.ts";

/** Where releases are found. */
export interface Sites {
  pulumi: string;
  /** Each project's releases on GitHub. */
  github: string;
  kubernetes: string;
}

const officialSites: Sites = {
  pulumi: "https://get.pulumi.com/releases/sdk",
  github: "https://github.com",
  kubernetes: "https://dl.k8s.io/release",
};

export interface ReleaseOptions {
  /** @default the official sites */
  sites?: Sites;
  /** @default 4 s for an answer, 10 s without a byte, 4 min for all */
  limits?: DownloadLimits;
}

/** Unpacks what lies in the archive's one folder; by default all of it. */
async function unpack(archive: string, folder: string, ...members: string[]): Promise<void> {
  await run("tar", ["-xzf", archive, "--strip-components=1", "-C", folder, ...members], { limitSeconds: 120 });
  rmSync(archive);
}

/** Fills `binDir` with the release of Pulumi; false if that could not be had. */
export async function downloadPulumi(
  version: string,
  binDir: string,
  progress: Progress,
  reach: (share: number) => void = () => undefined,
  { sites = officialSites, limits }: ReleaseOptions = {},
): Promise<boolean> {
  const url = `${sites.pulumi}/pulumi-${version}-${process.platform}-${process.arch}.tar.gz`;
  const checksums = `${sites.github}/pulumi/pulumi/releases/download/${version}/pulumi-${version.slice(1)}-checksums.txt`;
  const digest = await publishedDigest({ url, checksums }, limits);
  if (digest === undefined) return false;
  const path = `${binDir}.tar.gz`;
  try {
    mkdirSync(binDir, { recursive: true });
    await download({ url, digest, path }, (bytes, total) => reach(bytes / total), limits);
    await unpack(path, binDir);
    return true;
  } catch (error) {
    progress(`the download of Pulumi failed, so it will be built (${(error as Error).message.split("\n")[0]})`);
    rmSync(binDir, { recursive: true, force: true });
    return false;
  } finally {
    rmSync(path, { force: true });
  }
}

/** Programs of a control plane, by the names of their files. */
export const controlPlanePrograms = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

export interface ControlPlaneVersions {
  kubernetes: string;
  etcd: string;
}

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };

interface Release extends Remote {
  file: string;
  /** The program's path, where the file is an archive. */
  member?: string;
}

function controlPlaneReleases({ kubernetes, etcd }: ControlPlaneVersions, sites: Sites): Release[] {
  const architecture = architectures[process.arch];
  if (architecture === undefined) return [];
  const bin = `${sites.kubernetes}/${kubernetes}/bin/${process.platform}/${architecture}`;
  const etcds = `${sites.github}/etcd-io/etcd/releases/download/${etcd}`;
  const archive = `etcd-${etcd}-${process.platform}-${architecture}`;
  return controlPlanePrograms.map((file) =>
    file === "etcd"
      ? {
          file: "etcd.tar.gz",
          member: `${archive}/etcd`,
          url: `${etcds}/${archive}.tar.gz`,
          checksums: `${etcds}/SHA256SUMS`,
        }
      : { file, url: `${bin}/${file}`, checksums: `${bin}/${file}.sha256` },
  );
}

/** What can be downloaded: releases with their published digests. */
export type AvailableControlPlane = readonly (Release & { digest: string })[];

/** The official control plane; undefined where it cannot be had, which is known within seconds. */
export async function findControlPlane(
  versions: ControlPlaneVersions,
  { sites = officialSites, limits }: ReleaseOptions = {},
): Promise<AvailableControlPlane | undefined> {
  const found = await Promise.all(
    controlPlaneReleases(versions, sites).map(async (release) => ({
      ...release,
      digest: await publishedDigest(release, limits),
    })),
  );
  const available = found.flatMap(({ digest, ...release }) => (digest === undefined ? [] : [{ ...release, digest }]));
  return available.length === controlPlanePrograms.length ? available : undefined;
}

/**
 * Fills a folder with the programs of a control plane.
 * @throws NotDownloaded
 */
export async function downloadControlPlane(
  releases: AvailableControlPlane,
  folder: string,
  reach: (share: number) => void,
  limits?: DownloadLimits,
): Promise<void> {
  const sizes = new Map<string, { bytes: number; total: number }>();
  const received = (file: string, bytes: number, total: number): void => {
    sizes.set(file, { bytes, total });
    const all = [...sizes.values()];
    const sum = (of: "bytes" | "total"): number => all.reduce((result, size) => result + size[of], 0);
    if (all.length === releases.length) reach(sum("bytes") / sum("total"));
  };
  const abort = new AbortController();
  await Promise.allSettled(
    releases.map(({ file, url, digest }) =>
      download(
        { url, digest, path: join(folder, file), signal: abort.signal },
        (...size) => received(file, ...size),
        limits,
      ).catch((error: unknown) => {
        abort.abort(error); // the others are of no use then
        throw error;
      }),
    ),
  );
  if (abort.signal.aborted) throw abort.signal.reason;
  for (const { file, member } of releases) if (member) await unpack(join(folder, file), folder, member);
  for (const program of controlPlanePrograms) await check(join(folder, program));
}

/** A program that this machine cannot run (e.g. for another C library) is as good as none. */
async function check(program: string): Promise<void> {
  await run(program, ["--version"], { limitSeconds: 60 }).catch((error: Error) => {
    throw new NotDownloaded(`the official program does not run: ${error.message}`, { cause: error });
  });
}
