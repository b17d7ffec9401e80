/** The example of the README is type-checked and runs. */
import { execFile } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import ts from "typescript";
import { openRun, type Run } from "../run/index.ts";

const root = join(import.meta.dirname, "..");

describe("the example of the README", function () {
  this.timeout(120_000);
  let run: Run;
  let file: string;
  before(async () => {
    run = await openRun("readme-test");
    const [, example] = /^```ts\n(.*?)^```$/ms.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];
    file = join(run.directory, "example.ts");
    writeFileSync(file, example ?? "");
    writeFileSync(join(run.directory, "package.json"), '{ "type": "module" }');
    symlinkSync(join(root, "../../node_modules"), join(run.directory, "node_modules"));
  });
  after(() => run?.close());

  it("has no type errors", () => {
    const config = ts.readConfigFile(join(root, "../../tsconfig.json"), (path) => readFileSync(path, "utf8"));
    const { options } = ts.convertCompilerOptionsFromJson(config.config.compilerOptions, root);
    const typeRoots = [join(root, "../../node_modules/@types")];
    const program = ts.createProgram([file], { ...options, typeRoots });
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    expect(problems).to.deep.equal([]);
  });

  it("starts a region, loses it, and leaves nothing", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: run.directory, timeout: 60_000 });
    const lines = stdout.trim().split("\n").slice(-2);
    expect(lines[0]).to.equal("socket hang up");
    expect(lines[1]).to.contain("eu-west-1 CreateBucket 200").and.contain("eu-west-1 ListBuckets refused");
  });
});
