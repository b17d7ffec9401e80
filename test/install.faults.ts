/** npm's warnings about this project's dependencies, by a dry run of the lock file without network access. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const repository = fileURLToPath(new URL("..", import.meta.url));

/** Packages that require a newer Node than the installing one; every script runs on the one in node_modules. */
const newerNode = ["@pulumi/pulumi", "undici"];

describe("npm ci", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "install-test-"));
    for (const file of [
      ".npmrc",
      "package.json",
      "package-lock.json",
      "packages/local-cloud/package.json",
      "policies/package.json",
    ])
      cpSync(join(repository, file), join(folder, file));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function install(...options: string[]): Promise<string[]> {
    const args = ["ci", "--dry-run", "--offline", ...options];
    return new Promise((resolve, reject) => {
      execFile("npm", args, { cwd: folder }, (error, _stdout, stderr) => {
        if (error) reject(error);
        else resolve(stderr.split("\n").filter((line) => line.startsWith("npm ")));
      });
    });
  }

  /** Warnings except those about known engine requirements. */
  async function unexpected(): Promise<string[]> {
    const lines = await install("--loglevel=warn");
    const known = newerNode.map((name) => `package: '${name}@`);
    const expected = (index: number): boolean =>
      lines.slice(Math.max(0, index - 3), index + 2).some((line) => known.some((start) => line.includes(start)));
    return lines.filter((line, index) => !(line.startsWith("npm warn EBADENGINE") && expected(index)));
  }

  it("shows no warning", async () => expect(await install()).to.deep.equal([]));

  it("hides none that this project could avoid", async () => expect(await unexpected()).to.deep.equal([]));

  it("would be found out if it did", async () => {
    const file = join(folder, "package.json");
    const { overrides, ...rest } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    expect(overrides).not.to.equal(undefined);
    writeFileSync(file, JSON.stringify(rest));
    expect((await unexpected()).join("\n")).to.contain("ERESOLVE overriding peer dependency");
  });
});
