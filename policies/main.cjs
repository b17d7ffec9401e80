// The pack's entry. Pulumi loads packs through ts-node, which would type-check the whole tree at each start and knows
// no imports with extensions. From here on Node 22.18 or later loads the TypeScript itself; for an older one tsx does.
module.exports = (async () => {
  if (!process.features.typescript) (await import("tsx/esm/api")).register();
  await import("./index.ts");
})();
