/** Writes the images that the local clusters know: a folder each, with a program and an image.json. */
import { existsSync, realpathSync } from "node:fs";
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "@vapora-continuity/local-cloud/tools";
import { bundleFile, ensureBundles, packageFile } from "./bundles.ts";
import type { Program } from "./bundles.ts";
import { serviceNames } from "./services/names.ts";

export interface BuildOptions {
  /** Folder that gets the images. */
  outDir: string;
  /** Registry and path before the names of our own images. */
  registry: string;
  /** Tag of our own images. */
  tag: string;
  /** Reference under which the database is deployed, e.g. `surrealdb/surrealdb:v3.0.3`. */
  databaseImage: string;
  /**
   * Environment of the database image that makes it misbehave, e.g. `{ FAULT_EXPORT: "truncate-statement" }`; with
   * `FAULT_EXPORT_OF` only the exports of the database of that name do, so that a restore elsewhere is verified well.
   * @default none
   */
  faults?: Record<string, string>;
  /** Told when something has to be built first. @default nobody is told */
  progress?: Progress;
}

/** What the local kubelet reads; a folder with it is an image. */
interface Image {
  Entrypoint: string[];
  Cmd: string[];
  Env: string[];
  WorkingDir: string;
  User: number;
  Mounts: { From: string; To: string }[];
}

/** The user of distroless images: no root, no name. */
const unprivilegedUser = 65532;
const engineFile = "/app/engine.node";

const placeholder = (to: string): string => to.replace("/app/", "");

/** Node itself: the one that the project installs, so that it has the version that the images are built for. */
function nodeBinary(): string {
  const installed = packageFile("node", "bin", "node");
  return realpathSync(existsSync(installed) ? installed : process.execPath);
}

/** The database engine's native program for this machine. */
export function engineBinary(): string {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const libc = header.glibcVersionRuntime === undefined ? "musl" : "gnu";
  const path = packageFile("@surrealdb", "node", "dist", `surrealdb-node.linux-${process.arch}-${libc}.node`);
  if (!existsSync(path)) throw new Error(`${path} is missing: @surrealdb/node has no engine for this machine`);
  return realpathSync(path);
}

const imageOf = (env: Record<string, string>, mounts: Image["Mounts"] = []): Image => ({
  Entrypoint: ["/app/node", "--require", `/app/${bundleFile("bind")}`, "/app/main.cjs"],
  Cmd: [],
  Env: Object.entries({ NODE_ENV: "production", ...env }).map(([name, value]) => `${name}=${value}`),
  WorkingDir: "/app",
  User: unprivilegedUser,
  Mounts: [{ From: nodeBinary(), To: "/app/node" }, ...mounts],
});

/** Folder of an image below the output folder, as the kubelet looks for it. */
export function imageFolder(reference: string): string {
  const [name = ""] = reference.split("@");
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? join(name.slice(0, colon), name.slice(colon + 1)) : join(name, "latest");
}

async function writeImage(options: BuildOptions, bundles: string, reference: string, program: Program, image: Image) {
  const folder = join(options.outDir, imageFolder(reference));
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const files = [
    ["main.cjs", bundleFile(program)],
    [bundleFile("bind"), bundleFile("bind")],
  ] as const;
  for (const [to, from] of files) {
    await copyFile(join(bundles, from), join(folder, to));
    // The containers' user is not the one who builds, whatever the umask.
    await chmod(join(folder, to), 0o644);
  }
  for (const { To } of image.Mounts) await writeFile(join(folder, placeholder(To)), "", { mode: 0o755 });
  await writeFile(join(folder, "image.json"), JSON.stringify(image, undefined, 2));
}

/** Builds all images; takes well under a second where the programs did not change. */
export async function buildImages(options: BuildOptions): Promise<void> {
  const { registry, tag, databaseImage, faults = {}, progress = () => undefined } = options;
  const bundles = await ensureBundles(progress);
  const engine = { From: engineBinary(), To: engineFile };
  await Promise.all([
    ...serviceNames.map((name) =>
      writeImage(options, bundles, `${registry}/${name}:${tag}`, "service", imageOf({ SERVICE: name })),
    ),
    writeImage(options, bundles, `${registry}/continuity-jobs:${tag}`, "jobs", imageOf({})),
    writeImage(
      options,
      bundles,
      databaseImage,
      "database",
      imageOf({ SURREALDB_ENGINE_FILE: engineFile, ...faults }, [engine]),
    ),
  ]);
}
