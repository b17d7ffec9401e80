import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { parse } from "yaml";

const main = fileURLToPath(new URL("../../continuity/main.ts", import.meta.url));
const project = fileURLToPath(new URL("../../", import.meta.url));

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

describe("a stack of this project, rendered", function () {
  this.timeout(60_000);
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), "render-test-"))));
  after(() => rmSync(directory, { recursive: true }));

  /** Where neither an engine nor a cluster nor credentials can be found. */
  const render = (...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const env = { PATH: "/nowhere", HOME: directory };
      execFile(process.execPath, [main, "render", "--project", project, ...args], { env }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  const contents = (out: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((file) => [file.slice(out.length + 1), readFileSync(file, "utf8")]),
    );

  it("has the same files each time, with valid objects and no secret", async () => {
    const out = join(directory, "dr");
    const first = await render("--stack", "dr", "--out", out);
    expect(first.status, first.stderr).to.equal(0);
    const files = contents(out);
    expect((await render("--stack", "dr", "--out", out)).status).to.equal(0);
    expect(contents(out)).to.deep.equal(files);
    const statefulSet = parse(files["kubernetes/statefulset-vapora-surrealdb.yaml"] ?? "");
    expect(statefulSet).to.include({ apiVersion: "apps/v1", kind: "StatefulSet" });
    const secret = parse(files["kubernetes/secret-vapora-surrealdb-root.yaml"] ?? "");
    expect(secret.stringData).to.deep.equal({ username: "(secret)", password: "(secret)" });
    const listed = JSON.parse(files["resources.json"] ?? "") as { file?: string }[];
    expect(listed.flatMap(({ file }) => file ?? []).sort()).to.deep.equal(
      Object.keys(files)
        .filter((path) => path !== "resources.json")
        .sort(),
    );
  });

  it("removes the files of an earlier run, and no other", async () => {
    const out = join(directory, "dr");
    writeFileSync(join(out, "kubernetes/mine.yaml"), "mine");
    const list = JSON.parse(readFileSync(join(out, "resources.json"), "utf8")) as unknown[];
    writeFileSync(join(out, "aws/gone.json"), "{}");
    writeFileSync(
      join(out, "resources.json"),
      JSON.stringify([...list, { file: "aws/gone.json" }, { file: "../outside" }]),
    );
    writeFileSync(join(directory, "outside"), "kept");
    expect((await render("--stack", "dr", "--out", out)).status).to.equal(0);
    const files = contents(out);
    expect(readFileSync(join(directory, "outside"), "utf8")).to.equal("kept");
    expect(files).to.include({ "kubernetes/mine.yaml": "mine" }).and.not.to.have.property("aws/gone.json");
  });

  it("is refused in a directory with other files, and for an unknown stack", async () => {
    const out = join(directory, "foreign");
    mkdirSync(out);
    writeFileSync(join(out, "important"), "yes");
    const foreign = await render("--stack", "dr", "--out", out);
    expect(foreign.status).to.equal(2);
    expect(foreign.stderr).to.match(/nothing was rendered\n {2}- --out.*must be empty, absent or the result/);
    expect(contents(out)).to.deep.equal({ important: "yes" });
    const absent = await render("--stack", "nowhere", "--out", join(directory, "absent"));
    expect(absent.status).to.equal(2);
    expect(absent.stderr).to.match(/--stack.*nowhere.*Pulumi\.nowhere\.yaml/);
  });
});
