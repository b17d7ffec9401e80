/** The published policy pack, unpacked outside the repository, under the real engine; and the published stack program. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import type { StartedProviders } from "@vapora-continuity/local-cloud/providers";
import { openRun, type Run } from "@vapora-continuity/local-cloud/run";
import { ensurePulumi } from "@vapora-continuity/local-cloud/tools";
import { projectVariable } from "../../contract/index.ts";
import { startRecordingProviders } from "../support/recording-providers.ts";
import { stackEngine, type Result, type StackEngine } from "../support/stack-engine.ts";
import { filesIn, linkDeclared, unpack } from "./packed.ts";

const repository = resolve(import.meta.dirname, "../..");

describe("the published policy pack", function () {
  this.timeout(300_000);

  let run: Run;
  let providers: StartedProviders;
  let pack: string;
  let good: StackEngine;
  let broken: StackEngine;

  before(async function () {
    this.timeout(1_200_000); // builds the engine where it is not there yet
    const tools = await ensurePulumi(() => {});
    run = await openRun("packaging-test");
    providers = await startRecordingProviders();
    pack = join(run.directory, "packs/continuity");
    await unpack("policies", pack);
    linkDeclared(pack, join(pack, "node_modules"));
    const engine = (name: string, program: string) =>
      stackEngine(join(run.directory, name), program, tools, providers.debugProviders);
    good = engine("good", await publishedProgram());
    broken = engine("broken", "test/policies/broken-promises");
    for (const { pulumi } of [good, broken]) expect((await pulumi("stack", "init", "prod")).code).to.equal(0);
  });
  after(async () => {
    await providers?.stop();
    await run?.close();
  });

  /** A project whose entry runs the stack program of the published package. */
  async function publishedProgram(): Promise<string> {
    const program = join(run.directory, "good/project");
    const modules = join(program, "node_modules");
    await unpack(".", join(modules, "vapora-continuity"));
    linkDeclared(join(modules, "vapora-continuity"), modules);
    writeFileSync(join(program, "package.json"), JSON.stringify({ private: true, type: "module", main: "index.js" }));
    writeFileSync(join(program, "index.js"), 'export * from "vapora-continuity/program";\n');
    return program;
  }

  const preview = ({ pulumi }: StackEngine): Promise<Result> =>
    pulumi("preview", "--stack", "prod", "--policy-pack", pack);
  const planFile = (engine: StackEngine, ...words: string[]): Promise<Result> =>
    engine.pulumi("config", ...words, "--stack", "prod");

  it("holds one bundle, and no source", () => {
    const files = filesIn(pack).filter((file) => !file.startsWith("node_modules/"));
    expect(files.toSorted()).to.deep.equal([
      "PulumiPolicy.yaml",
      "README.md",
      "dist/pack.mjs",
      "main.cjs",
      "package.json",
    ]);
  });

  it("passes the published stack program, by the plan that the stack names", async () => {
    const { code, text } = await preview(good);
    expect(code, text).to.equal(0);
    expect(text)
      .to.match(/✅ vapora-continuity@v/)
      .and.not.match(/advisory|can't run policy/i);
    expect(text).to.match(/recoveryPointBucket/);
  });

  it("refuses a program that breaks promises", async () => {
    const { code, text } = await preview(broken);
    expect(code).not.to.equal(0);
    for (const rule of ["worst-case-loss-within-rpo", "monthly-restore-verify-on-replica"]) {
      expect(text).to.match(new RegExp(`\\[mandatory\\] +${rule}`));
    }
    expect(text).not.to.match(/cannot be checked/);
  });

  describe("without an absolute planFile", () => {
    before(async () => {
      mkdirSync(join(good.project, "plan"));
      copyFileSync(join(repository, "plan/continuity.yaml"), join(good.project, "plan/continuity.yaml"));
      expect((await planFile(good, "rm", "planFile")).code).to.equal(0);
    });

    it("refuses everything, since it cannot tell whose plan counts", async () => {
      const { code, text } = await preview(good);
      expect(code).not.to.equal(0);
      expect(text.replace(/\s+/g, " ")).to.match(
        /\[mandatory\] +worst-case-loss-within-rpo.*cannot be checked.*no Pulumi\.yaml of project vapora-continuity/,
      );
    });

    it("takes the plan of the project that the environment names", async () => {
      process.env[projectVariable] = good.project;
      try {
        const { code, text } = await preview(good);
        expect(code, text).to.equal(0);
      } finally {
        delete process.env[projectVariable];
      }
    });
  });
});
