/** Builds the images for the local clusters: one folder each, with a program and an image.json. */
import { existsSync, realpathSync } from "node:fs";
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "@vapora-continuity/local-cloud/tools";
import { bundleFile, ensureBundles, packageFile } from "./bundles.ts";
import type { Program } from "./bundles.ts";
import type { StandIn } from "./stand-ins.ts";
import { serviceNames } from "./services/names.ts";

export interface BuildOptions {
  /** Output folder. */
  outDir: string;
  /** Registry and path prefix of the services' and jobs' images. */
  registry: string;
  /** Tag of the services' and jobs' images. */
  tag: string;
  /**
   * Images that stand for the services.
   * @default this repository's own services
   */
  services?: readonly StandIn[];
  /** Image reference of the database, e.g. `surrealdb/surrealdb:v3.0.3`. */
  databaseImage: string;
  /**
   * Environment that makes the database image misbehave, e.g. `{ FAULT_EXPORT: "truncate-statement" }`;
   * `FAULT_EXPORT_OF` limits it to the exports of one database, so that restores elsewhere still verify.
   * @default none
   */
  faults?: Record<string, string>;
  /**
   * Called when something must be built first.
   * @default none
   */
  progress?: Progress;
}

/** The image.json that the local kubelet reads. */
interface Image {
  Entrypoint: string[];
  Cmd: string[];
  Env: string[];
  WorkingDir: string;
  User: number;
  Mounts: { From: string; To: string }[];
}

/** User id of distroless images. */
const unprivilegedUser = 65532;
const engineFile = "/app/engine.node";

const placeholder = (to: string): string => to.replace("/app/", "");

/** The Node binary that the project installs, in the version that the images are built for. */
function nodeBinary(): string {
  const installed = packageFile("node", "bin", "node");
  return realpathSync(existsSync(installed) ? installed : process.execPath);
}

/** The database engine's native library for this machine. */
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

/** Folder of an image relative to the output folder, as expected by the kubelet. */
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
    // Readable by the containers' user, whatever the umask.
    await chmod(join(folder, to), 0o644);
  }
  for (const { To } of image.Mounts) await writeFile(join(folder, placeholder(To)), "", { mode: 0o755 });
  await writeFile(join(folder, "image.json"), JSON.stringify(image, undefined, 2));
}

const ownServices = (registry: string, tag: string): StandIn[] =>
  serviceNames.map((name) => ({ reference: `${registry}/${name}:${tag}`, env: { SERVICE: name } }));

/** Builds all images; takes less than a second if the programs are unchanged. */
export async function buildImages(options: BuildOptions): Promise<void> {
  const { registry, tag, databaseImage, faults = {}, progress = () => undefined } = options;
  const bundles = await ensureBundles(progress);
  const engine = { From: engineBinary(), To: engineFile };
  await Promise.all([
    ...(options.services ?? ownServices(registry, tag)).map(({ reference, env }) =>
      writeImage(options, bundles, reference, "service", imageOf(env)),
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
