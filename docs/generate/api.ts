/** The API reference, by typedoc. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Generated pages by name. */
export async function apiPages(repository: string): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "api-reference-"));
  try {
    const binaries = join(repository, "node_modules/.bin");
    await run(join(binaries, "typedoc"), ["--out", folder, "--logLevel", "Warn"], { cwd: repository });
    return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
