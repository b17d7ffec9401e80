/** The published package in a project of its own: types, components under mocks, the command line. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { filesIn, linkDeclared, run, unpack, type Ran } from "./packed.ts";

const repository = resolve(import.meta.dirname, "../..");

/** The first TypeScript example of a page. */
function exampleIn(page: string): string {
  const [, example] = /```ts\n(.*?)```/s.exec(readFileSync(join(repository, page), "utf8")) ?? [];
  if (example === undefined) throw new Error(`${page} has no example in TypeScript`);
  return example;
}

/** Runs the program with an engine that creates nothing and prints what it registered. */
const underMocks = `
import * as pulumi from "@pulumi/pulumi";
const made = [];
await pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    made.push({ type, name, inputs });
    return { id: name + "-id", state: { arn: "arn:mock:" + name, ...inputs } };
  },
  call: ({ token }) => { throw new Error("unexpected function call " + token); },
}, "orders", "test");
const program = await import("./program.ts");
await pulumi.runtime.waitForRPCs();
const name = await new Promise((done) => program.bucketNames.alternate.apply(done));
console.log(JSON.stringify({ made, name }));
`;

describe("the published package", function () {
  this.timeout(600_000);
  let project: string;
  let installed: string;

  before(async () => {
    project = realpathSync(mkdtempSync(join(tmpdir(), "library-test-")));
    installed = join(project, "node_modules/vapora-continuity");
    await unpack(".", installed);
    linkDeclared(installed, join(project, "node_modules"), ["@types/node"]);
    mkdirSync(join(project, "plan"));
    copyFileSync(join(installed, "plan/continuity.yaml"), join(project, "plan/continuity.yaml"));
    write("package.json", JSON.stringify({ name: "orders", private: true, type: "module" }));
    write("mocks.mjs", underMocks);
    const compilerOptions = { module: "nodenext", target: "es2024", strict: true, noEmit: true, types: ["node"] };
    const files = ["program.ts"];
    write("tsconfig.json", JSON.stringify({ compilerOptions: { ...compilerOptions, skipLibCheck: true }, files }));
    write("tsconfig.declarations.json", JSON.stringify({ compilerOptions, files: ["entries.ts"] }));
  });
  beforeEach(() => write("program.ts", exampleIn("docs/how-to/use-as-a-library.md")));
  after(() => rmSync(project, { recursive: true }));

  const write = (path: string, text: string): void => writeFileSync(join(project, path), text);
  const node = (...args: string[]): Promise<Ran> => run([process.execPath, ...args], project);
  const tsc = (config: string): Promise<Ran> => node(join(repository, "node_modules/typescript/bin/tsc"), "-p", config);
  const continuity = (...words: string[]): Promise<Ran> => node(join(installed, "dist/continuity/main.js"), ...words);

  it("holds the product and nothing of the drill, the local cloud or the tests", () => {
    const allowed = [
      /^dist\/(components|continuity|contract|jobs|plan)\/.*\.(js|d\.ts)$/,
      /^dist\/image\/([\w.-]+\.mjs|Dockerfile|[\w.-]+\.LEGAL\.txt)$/,
      /^dist\/index\.(js|d\.ts)$/,
      /^plan\/continuity\.(yaml|schema\.json)$/,
      /^(main\.js|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
    ];
    const files = filesIn(installed);
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).to.deep.equal([]);
    expect(files).to.include.members(["LICENSE", "dist/image/main.mjs", "plan/continuity.yaml", "dist/index.js"]);
    const scripts = files
      .filter((file) => file.endsWith(".js"))
      .map((file) => readFileSync(join(installed, file), "utf8"));
    expect(scripts.filter((text) => text.includes("@vapora-continuity/local-cloud"))).to.be.empty;
  });

  it("type-checks the example of the docs in another project", async () => {
    expect(await tsc("tsconfig.json")).to.deep.equal({ code: 0, text: "" });
  });

  it("has types that refuse a wrong argument", async () => {
    write(
      "program.ts",
      exampleIn("docs/how-to/use-as-a-library.md").replace(/retentionDays: .*/, 'retentionDays: "35",'),
    );
    const { code, text } = await tsc("tsconfig.json");
    expect(code).not.to.equal(0);
    expect(text).to.match(/program\.ts.*TS2322: Type 'string' is not assignable to type 'number'/);
  });

  it("declares types that are complete, also where libraries are checked", async () => {
    write("entries.ts", entries.map((path, index) => `export * as e${index} from "${path}";\n`).join(""));
    const { text } = await tsc("tsconfig.declarations.json");
    expect(text.split("\n").filter((line) => line.includes("vapora-continuity"))).to.deep.equal([]);
  });

  const entries = ["vapora-continuity", "vapora-continuity/plan", "vapora-continuity/contract"];
  for (const path of entries) {
    it(`can be imported, and required by a CommonJS program: ${path}`, async () => {
      const script = `import(${JSON.stringify(path)}).then((m) => console.log(Object.keys(m).length > 0, require(${JSON.stringify(path)}) !== undefined))`;
      expect(await node("--input-type=commonjs", "-e", script)).to.deep.equal({ code: 0, text: "true true\n" });
    });
  }

  it("runs the example's components under Pulumi's mocks", async () => {
    const { code, text } = await node("mocks.mjs");
    expect(code, text).to.equal(0);
    const { made, name } = JSON.parse(text) as { made: { type: string; inputs: { bucket?: string } }[]; name: string };
    expect(
      made.filter(({ type }) => type === "aws:s3/bucket:Bucket").map(({ inputs }) => inputs.bucket),
    ).to.have.members(["orders-recovery-points-eu-west-1", "orders-recovery-points-eu-central-1"]);
    expect(name).to.equal("orders-recovery-points-eu-central-1");
    expect(made.map(({ type }) => type)).to.include.members([
      "continuity:backup-store:BackupStore",
      "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
      "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    ]);
  });

  it("refuses an argument that the plan could not keep", async () => {
    write(
      "program.ts",
      exampleIn("docs/how-to/use-as-a-library.md").replace(
        /replicationBoundSeconds: .*/,
        "replicationBoundSeconds: 60,",
      ),
    );
    const { code, text } = await node("mocks.mjs");
    expect(code).not.to.equal(0);
    expect(text).to.match(/BackupStore "orders": 1 problem.*\n.*replicationBoundSeconds is 60/);
  });

  it("has the command continuity, which reads the plan of the project it is run in", async () => {
    const { version } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { version: string };
    expect(await continuity("--version")).to.deep.equal({ code: 0, text: `${version}\n` });
    expect((await continuity("plan", "check")).text).to.match(/Worst-case loss +RPO 1 h/);
    const elsewhere = await run(
      [process.execPath, join(installed, "dist/continuity/main.js"), "plan", "check"],
      installed,
    );
    expect(elsewhere.code, elsewhere.text).to.equal(0); // the example, by its place in the package
    const nowhere = await run(
      [process.execPath, join(installed, "dist/continuity/main.js"), "plan", "check"],
      tmpdir(),
    );
    expect(nowhere.code).to.equal(2);
    expect(nowhere.text).to.match(/plan\/continuity\.yaml.*cannot be read/s);
  });

  it("reports that the drill needs a checkout", async () => {
    const { code, text } = await continuity("drill");
    expect(code).to.equal(2);
    expect(text).to.match(/does not contain the drill/);
  });
});
