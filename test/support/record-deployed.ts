/** Writes the reference of `existing-stack.test.ts`. */
import { writeFileSync } from "node:fs";
import { deployedDigest, stacks } from "./deployed-digest.ts";

const all: Record<string, unknown> = {};
for (const [site, role] of stacks) all[`${site} ${role}`] = await deployedDigest(site, role);
writeFileSync(new URL("../components/stack/deployed.json", import.meta.url), `${JSON.stringify(all, undefined, 2)}\n`);
