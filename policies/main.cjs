// Entry point of the pack. Pulumi loads packs through ts-node, which would type-check the whole tree at each start and
// does not support imports with extensions. In a checkout, Node 22.18 or later loads the TypeScript natively; older
// versions need tsx.
module.exports = (async () => {
  const { existsSync } = await import("node:fs");
  if (!existsSync(`${__dirname}/index.ts`)) return void (await import("./dist/pack.mjs"));
  if (!process.features.typescript) (await import("tsx/esm/api")).register();
  await import("./index.ts");
})();
