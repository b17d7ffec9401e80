import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";

const main = fileURLToPath(new URL("../../continuity/main.ts", import.meta.url));

/** Prints every module that is loaded, whatever else the program prints. */
const tracer = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  import { writeSync } from "node:fs";
  registerHooks({ load: (url, context, next) => { writeSync(2, url + "\\n"); return next(url, context); } });
`)}`;

describe("help and completion are instant", () => {
  for (const args of [["--help"], ["drill", "--help"], ["complete", "--", "failover", ""]]) {
    it(`${args.join(" ")} loads neither the plan nor an SDK`, async () => {
      const { stderr } = await promisify(execFile)(process.execPath, ["--import", tracer, main, ...args]);
      const loaded = stderr.split("\n").filter((line) => line.startsWith("file:"));
      expect(loaded).to.have.length.above(10);
      const heavy =
        /node_modules\/(zod|yaml|croner|@pulumi|@aws-sdk|@kubernetes)\/|\/plan\/index\.ts$|\/contract\/index\.ts$/;
      expect(loaded.filter((url) => heavy.test(url))).to.deep.equal([]);
    }).timeout(20_000);
  }
});
