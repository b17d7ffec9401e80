/**
 * Bundles the jobs for the container image: `dist/image/main.mjs` and the chunks that each job loads on demand.
 * `node jobs/bundle.ts [folder]`
 */
import { copyFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const repository = fileURLToPath(new URL("..", import.meta.url));
const outdir = process.argv[2] ?? `${repository}dist/image`;

await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: repository,
  entryPoints: ["jobs/main.ts"],
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node24",
  // Lazily loaded chunks keep their named exports only if they were ES modules to begin with.
  mainFields: ["module", "main"],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "external",
  logLevel: "warning",
  // Some dependencies are CommonJS and call require.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
await copyFile(`${repository}jobs/Dockerfile`, `${outdir}/Dockerfile`);
