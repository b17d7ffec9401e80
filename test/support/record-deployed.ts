/** Writes the reference of `existing-stack.test.ts`. */
import { writeFileSync } from "node:fs";
import { deployedDigest, stacks } from "./deployed-digest.ts";

const all: Record<string, unknown> = {};
for (const stack of stacks) all[stack.join(" ")] = await deployedDigest(...stack);
writeFileSync(new URL("../components/stack/deployed.json", import.meta.url), `${JSON.stringify(all, undefined, 2)}\n`);
