/** Bundles the images' programs into one file each, which halves the start time of a process. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { cached, type Progress } from "@vapora-continuity/local-cloud/tools";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Entry points by bundle name. */
const programs = {
  bind: "drill/images/bind.ts",
  database: "drill/images/surrealdb/main.ts",
  jobs: "drill/images/jobs/main.ts",
  service: "drill/images/services/main.ts",
} as const;

export type Program = keyof typeof programs;

/** File name of a bundle. */
export const bundleFile = (program: Program): string => `${program}.cjs`;

async function bundleAll(folder: string): Promise<void> {
  await build({
    absWorkingDir: repository,
    entryPoints: Object.entries(programs).map(([out, entry]) => ({ in: entry, out })),
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    // CommonJS has no import.meta; bundled modules are never the entry point.
    define: { "import.meta.main": "false", "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
    // Optional native add-ons of ws, not installed.
    external: ["bufferutil", "utf-8-validate"],
    legalComments: "none",
    logLevel: "silent",
  });
}

/** Folder with all bundles, cached by the content of the sources and the lock file. */
export const ensureBundles = (progress: Progress): Promise<string> =>
  cached(
    {
      name: "images",
      task: "bundling the local images",
      estimate: "2 s",
      inputs: { root: repository, files: ["drill/images", "jobs", "contract", "plan", "package-lock.json"], facts: [] },
      make: bundleAll,
    },
    progress,
  );

/** Path of a file in an installed package. */
export const packageFile = (...path: string[]): string => join(repository, "node_modules", ...path);
