// The stack program's entry. In a checkout, Node 22.18 or later runs TypeScript itself, which starts fastest; for an
// older one on the user's PATH, tsx does it. Decided here and not by Pulumi.yaml's nodeargs, which some language hosts ignore.
import { existsSync } from "node:fs";

export default async () => {
  if (!existsSync(new URL("index.ts", import.meta.url))) return definedIn(await import("./dist/index.js"));
  if (!process.features.typescript) (await import("tsx/esm/api")).register();
  return definedIn(await import("./index.ts"));
};

/** The shared stack has fewer outputs than a site's, and the engine warns of each that is undefined. */
const definedIn = (outputs) => Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
