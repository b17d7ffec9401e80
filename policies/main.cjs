// The pack's entry. Pulumi loads packs through ts-node, which would type-check the whole tree at each start and knows
// no imports with extensions. In a checkout, Node 22.18 or later loads the TypeScript itself; for an older one tsx does.
module.exports = (async () => {
  const { existsSync } = await import("node:fs");
  if (!existsSync(`${__dirname}/index.ts`)) return void (await import("./dist/pack.mjs"));
  if (!process.features.typescript) (await import("tsx/esm/api")).register();
  await import("./index.ts");
})();
