// The pack's entry. Pulumi loads packs through ts-node, which would type-check the whole tree at each start and knows
// no imports with extensions; from here on Node loads the TypeScript itself.
import "./index.ts";
