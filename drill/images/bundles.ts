/** The programs inside the images: one plain file each, since a fresh process starts twice as fast from one. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { cached, type Progress } from "@vapora-continuity/local-cloud/tools";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Entry points by the name of their bundle. */
const programs = {
  bind: "drill/images/bind.ts",
  database: "drill/images/surrealdb/main.ts",
  jobs: "drill/images/jobs/main.ts",
  service: "drill/images/services/main.ts",
} as const;

export type Program = keyof typeof programs;

/** Name of a bundle's file. */
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
    // CommonJS has no import.meta; a module that asks whether it is the entry point is not.
    define: { "import.meta.main": "false", "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
    // Speeds up ws where it is installed; it is not.
    external: ["bufferutil", "utf-8-validate"],
    legalComments: "none",
    logLevel: "silent",
  });
}

/** Folder with every bundle, made once for each content of the sources and of the lock file. */
export const ensureBundles = (progress: Progress): Promise<string> =>
  cached(
    {
      name: "images",
      task: "bundling the programs of the local images",
      estimate: "2 s",
      inputs: { root: repository, files: ["drill/images", "jobs", "contract", "plan", "package-lock.json"], facts: [] },
      make: bundleAll,
    },
    progress,
  );

/** A file of an installed package. */
export const packageFile = (...path: string[]): string => join(repository, "node_modules", ...path);
