/** A package as it would be published, unpacked where nothing of the repository can be imported by accident. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "../..");

export interface Ran {
  code: number;
  text: string;
}

/** Runs a program; a failing one is a result, not an error. */
export const run = (
  [file, ...args]: readonly [string, ...string[]],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Ran> =>
  new Promise((done) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(file, args, options, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, text: stdout + stderr });
    });
  });

async function succeed(command: readonly [string, ...string[]], cwd: string): Promise<void> {
  const { code, text } = await run(command, cwd);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}\n${text}`);
}

/** Builds and packs a folder of the repository with a manifest, and unpacks it into `target`. */
export async function unpack(folder: string, target: string): Promise<void> {
  mkdirSync(target, { recursive: true });
  const destination = mkdtempSync(`${target}-tarball-`);
  // Each build begins with an empty dist/, so two test files may not pack at the same time.
  const lock = join(tmpdir(), "vapora-continuity-pack.lock");
  await succeed(["flock", lock, "npm", "pack", "--pack-destination", destination], join(repository, folder));
  const [tarball] = readdirSync(destination);
  if (tarball === undefined) throw new Error(`npm pack left nothing in ${destination}`);
  await succeed(["tar", "-xzf", join(destination, tarball), "-C", target, "--strip-components=1"], repository);
}

interface Manifest {
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/**
 * Makes what the unpacked package declares, and nothing else, available in `modules`: npm would install the same
 * versions, which takes minutes where they are not cached.
 */
export function linkDeclared(packageFolder: string, modules: string, also: readonly string[] = []): void {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(packageFolder, "package.json"), "utf8"),
  ) as Manifest;
  for (const name of [...Object.keys({ ...dependencies, ...peerDependencies }), ...also]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(repository, "node_modules", name), join(modules, name));
  }
}

/** Every file below a folder, by its path in it. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
