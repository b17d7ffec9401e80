/** The render command: what a first preview would create, as files, without an engine, a cluster or an account. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { projectName } from "../../contract/index.ts";
import { CannotRun, exitStatus, messageOf } from "../cannot-run.ts";
import { filesOf, type RenderedFile } from "./documents.ts";
import { registeredBy } from "./program.ts";
import { readStackFiles } from "./stack-files.ts";

export async function renderCommand(options: { stack: string; out: string; project: string }): Promise<number> {
  const out = resolve(options.out);
  const before = renderedBefore(out);
  const place = { projectDirectory: resolve(options.project), projectName, stack: options.stack };
  const { entry, config, encrypted } = readStackFiles(place);
  const registered = await registeredBy({ ...place, entry, config }).catch((error: unknown) => {
    throw new CannotRun(`stack "${options.stack}" cannot be rendered`, [messageOf(error)]);
  });
  const files = filesOf(registered);
  for (const path of before) rmSync(join(out, path), { force: true });
  for (const file of files) write(out, file);
  const without = encrypted.length === 0 ? "" : `, without the encrypted settings ${encrypted.join(", ")}`;
  process.stdout.write(`${files.length - 1} resources of ${options.stack} are in ${out}${without}\n`);
  return exitStatus.met;
}

function write(out: string, { path, content }: RenderedFile): void {
  const file = join(out, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/**
 * Files of an earlier run there, which this one replaces.
 * @throws CannotRun if the directory holds anything else: nobody's files may be overwritten
 */
function renderedBefore(out: string): string[] {
  if (!existsSync(out) || readdirSync(out).length === 0) return [];
  try {
    const list = JSON.parse(readFileSync(join(out, "resources.json"), "utf8")) as { file?: string }[];
    return list.flatMap(({ file }) => file ?? []).filter((file) => resolve(out, file).startsWith(join(out, "/")));
  } catch {
    throw new CannotRun("nothing was rendered", [
      {
        where: "--out",
        value: out,
        rule: "it must be empty, absent or the result of an earlier run",
        remedy: "choose another directory",
      },
    ]);
  }
}
