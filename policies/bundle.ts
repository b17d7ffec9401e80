/** Builds the pack for publishing: `dist/pack.mjs` holds plan and contract, so that it runs outside the repository. */
import { rm } from "node:fs/promises";
import { build } from "esbuild";

const folder = import.meta.dirname;

await rm(`${folder}/dist`, { recursive: true, force: true });
await build({
  absWorkingDir: folder,
  entryPoints: ["index.ts"],
  outfile: "dist/pack.mjs",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // The engine starts the SDK of the pack's node_modules; a second copy in the bundle would not know of its settings.
  external: ["@pulumi/*"],
  legalComments: "external",
  logLevel: "warning",
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
