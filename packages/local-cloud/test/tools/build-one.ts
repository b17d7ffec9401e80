/** Builds a small Go program as a tool, for tests that interrupt it: node build-one.ts MODULE [alone]. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { closeOnExit, openRun } from "../../run/index.ts";
import { cached } from "../../tools/cache.ts";
import { buildGo } from "../../tools/go.ts";

const [module = "", alone] = process.argv.slice(2);
const run = await openRun("build-test");
const forget = alone === undefined ? closeOnExit(run) : undefined; // a program may do without
const line = (text: string): void => console.log(text);
const progress = Object.assign(line, { moving: line });
const folder = await cached(
  {
    name: "small",
    task: "building something small",
    estimate: "half a minute",
    inputs: { root: module, files: ["."], facts: [] },
    make: (target, reach) =>
      buildGo({ module, package: ".", variables: {} }, join(target, "program"), progress, (share) => {
        console.log(`share ${share}`);
        reach(share);
      }),
  },
  progress,
);
console.log(`built ${readFileSync(join(folder, "program")).length > 0 ? folder : "nothing"}`);
await run.close();
forget?.();
