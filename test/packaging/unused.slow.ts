/** knip finds what nothing uses: a glob in a test, or a pattern in package.json, can hide a whole directory from it. */
import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { run, type Ran } from "./packed.ts";

const repository = resolve(import.meta.dirname, "../..");

describe("what nothing uses", function () {
  this.timeout(120_000);
  let copy: string;

  before(async () => {
    copy = mkdtempSync(join(tmpdir(), "unused-test-"));
    const files = "git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cf - -T -";
    await promisify(execFile)("sh", ["-c", `${files} | tar -xf - -C "$0"`, copy], { cwd: repository });
    symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
  });
  after(() => rmSync(copy, { recursive: true }));

  const knip = (): Promise<Ran> => run([process.execPath, join(repository, "node_modules/knip/bin/knip.js")], copy);

  it("is not there", async () => expect(await knip()).to.deep.include({ code: 0 }));

  it("would be found in every directory", async () => {
    const files = [
      "components/kit/bucket-name.ts",
      "continuity/confirm.ts",
      "drill/report/measure.ts",
      "jobs/metrics.ts",
      "packages/local-cloud/run/disk.ts",
      "plan/rpo.ts",
      "policies/reading/jobs.ts",
    ];
    for (const [index, file] of files.entries()) appendFileSync(join(copy, file), `export const unused${index} = 1;\n`);
    writeFileSync(join(copy, "components/kit/orphan.ts"), "export const orphan = 1;\n");
    const { code, text } = await knip();
    expect(code).to.equal(1);
    expect(files.filter((_, index) => !text.includes(`unused${index} `))).to.deep.equal([]);
    expect(text).to.contain("components/kit/orphan.ts");
  });
});
