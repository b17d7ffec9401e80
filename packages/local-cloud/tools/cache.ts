/** Folders that are made once for each content of what they are made of, and never twice. */
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { isDiskFull, requireRoom } from "../run/disk.ts";
import { withLock } from "./lock.ts";
import { reporting } from "./meter.ts";
import type { Progress } from "./types.ts";

const unusedDays = 30;

export interface Recipe {
  /** Beginning of the folder's name; lower-case letters, digits and hyphens. */
  name: string;
  /** What a person is told is being done, e.g. "building the Kubernetes control plane". */
  task: string;
  /** How long it takes the first time, e.g. "about 5 min". */
  estimate: string;
  /** Files and folders (searched deeply), and plain facts such as versions, that decide the result. */
  inputs: { root: string; files: string[]; facts: string[] };
  /**
   * Room that making it takes at the cache, at least. Compilers and package managers have caches of their own beside it.
   * @default 1 MiB
   */
  mebibytes?: number;
  /**
   * How long it takes in comparison with what else is made at the same time, e.g. seconds on two cores.
   * @default 1
   */
  weight?: number;
  /** Fills an empty folder, which is moved afterwards. `reach` takes how much is done, from 0 to 1. */
  make(folder: string, reach: (share: number) => void): Promise<void>;
}

/** Where tools are kept: outside the working tree, so that every clone shares them. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  if (env["LOCAL_CLOUD_CACHE"]) return env["LOCAL_CLOUD_CACHE"];
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "local-cloud");
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((entry) => filesBelow(join(path, entry)));
}

/** Same content, same hash, wherever the clone lies. */
export function contentHash({ root, files, facts }: Recipe["inputs"]): string {
  const hash = createHash("sha256");
  const add = (text: string | Buffer): void => void hash.update(`${text.length}:`).update(text);
  [process.platform, process.arch, ...facts].forEach(add);
  for (const path of files.flatMap((file) => filesBelow(join(root, file)))) {
    add(relative(root, path));
    add(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 20);
}

const folderOf = (recipe: Recipe, root: string): string => join(root, `${recipe.name}-${contentHash(recipe.inputs)}`);

/** Whether it has been made, so that `cached` takes no time. */
export const isCached = (recipe: Recipe, root = cacheRoot()): boolean => existsSync(folderOf(recipe, root));

/** The folder of a recipe, made now if there is none yet. */
export async function cached(recipe: Recipe, progress: Progress, root = cacheRoot()): Promise<string> {
  const folder = folderOf(recipe, root);
  if (!existsSync(folder)) {
    makeRoot(root, recipe.task);
    const waiting = (): void => progress(`waiting for another run that is ${recipe.task}`);
    await withLock(folder, waiting, async () => {
      if (!existsSync(folder)) await make(recipe, folder, progress);
    });
    removeUnused(root, recipe.name, folder);
  }
  keepYoung(folder);
  return folder;
}

const elsewhere = "name another folder in LOCAL_CLOUD_CACHE";

function makeRoot(root: string, task: string): void {
  try {
    mkdirSync(root, { recursive: true });
    accessSync(root, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `the cache of tools ${root} cannot be written (${why}), but ${task} needs it; make it writable, or ${elsewhere}`,
      { cause: error },
    );
  }
}

/** Somebody uses it. Where that cannot be noted, as in a read-only home, nobody will remove it either. */
function keepYoung(folder: string): void {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch (error) {
    if (!["EROFS", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/** In a folder beside, moved into place when it is whole: a folder in place is always complete. */
async function make(recipe: Recipe, folder: string, progress: Progress): Promise<void> {
  const { task: what, mebibytes = 1 } = recipe;
  requireRoom({ path: dirname(folder), mebibytes, what, remedy: elsewhere });
  const part = `${folder}.part-`;
  removeStarting(part); // we hold the lock, so these are of crashed runs
  const temporary = mkdtempSync(part);
  const remove = (): void => rmSync(temporary, { recursive: true, force: true });
  process.once("exit", remove); // also of a run that is interrupted
  try {
    await reporting({ weight: 1, ...recipe }, progress, (reach) => recipe.make(temporary, reach));
    renameSync(temporary, folder);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (!isDiskFull(said)) throw error;
    throw new Error(`disk full: no space left while ${what}; free some, or ${elsewhere}\n${said}`, { cause: error });
  } finally {
    process.off("exit", remove);
    remove();
  }
}

function removeStarting(part: string): void {
  const parent = join(part, "..");
  for (const entry of readdirSync(parent)) {
    if (entry.startsWith(basename(part))) rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

function removeUnused(root: string, name: string, current: string): void {
  const oldest = Date.now() - unusedDays * 24 * 3600 * 1000;
  for (const entry of readdirSync(root)) {
    const path = join(root, entry);
    const rest = entry.slice(name.length + 1);
    const ofThisName = entry.startsWith(`${name}-`) && /^[0-9a-f]{20}(\.part-\w+)?$/.test(rest);
    if (ofThisName && path !== current && statSync(path).mtimeMs < oldest) rmSync(path, { recursive: true });
  }
}
