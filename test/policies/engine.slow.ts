/** Program and policy pack under the real engine, with everything unknown that a preview cannot know. */
import { expect } from "chai";
import { join } from "node:path";
import type { StartedProviders } from "../../local/providers/index.ts";
import { openRun, type Run } from "../../local/run/index.ts";
import { ensurePulumi } from "../../local/tools/index.ts";
import { startRecordingProviders } from "../support/recording-providers.ts";
import { stackEngine, type Result, type StackEngine } from "../support/stack-engine.ts";

describe("stacks and policy pack under the real engine", function () {
  this.timeout(300_000);

  let run: Run;
  let providers: StartedProviders;
  let good: StackEngine;
  let broken: StackEngine;

  before(async function () {
    this.timeout(1_200_000); // builds the engine where it is not there yet
    const tools = await ensurePulumi(() => {});
    run = await openRun("policy-test");
    providers = await startRecordingProviders();
    const engine = (name: string, program: string) =>
      stackEngine(join(run.directory, name), program, tools, providers.debugProviders);
    [good, broken] = [engine("good", "."), engine("broken", "test/policies/broken-promises")];
    for (const { pulumi } of [good, broken]) {
      for (const stack of ["prod", "dr"]) succeeds(await pulumi("stack", "init", stack));
    }
  });

  after(async () => {
    await providers?.stop();
    await run?.close();
  });

  const succeeds = ({ code, text }: Result): string => {
    expect(code, text).to.equal(0);
    return text;
  };
  const guarded = (engine: StackEngine, command: string, stack: string, ...more: string[]): Promise<Result> =>
    engine.pulumi(command, "--stack", stack, "--policy-pack", engine.policyPack, ...more);
  const up = async (stack: string): Promise<string> =>
    succeeds(await guarded(good, "up", stack, "--yes", "--skip-preview"));

  for (const stack of ["prod", "dr"]) {
    it(`previews ${stack} with every mandatory policy kept`, async () => {
      const text = succeeds(await guarded(good, "preview", stack));
      expect(text).to.match(/✅ vapora-continuity@v/);
      // A policy that touched an unknown value would have become advisory.
      expect(text).not.to.match(/advisory|can't run policy/i);
    });

    it(`brings ${stack} up, and has nothing to do a second time`, async () => {
      await up(stack);
      succeeds(await guarded(good, "preview", stack, "--expect-no-changes"));
    });

    it(`stops ${stack} before anything changes when it would break promises`, async () => {
      const { code, text } = await guarded(broken, "preview", stack);
      expect(code).not.to.equal(0);
      expect(text).to.match(/\[mandatory\] +worst-case-loss-within-rpo/);
      expect(text).to.match(/\[mandatory\] +monthly-restore-verify-on-replica/);
      if (stack === "prod") expect(text).to.match(/\[mandatory\] +backup-store-replicated-and-locked/);
    });
  }

  it("switches the role of dr by Kubernetes objects alone, the database and its preparation left as they are", async () => {
    succeeds(await good.pulumi("config", "set", "role", "active", "--stack", "dr"));
    const text = await up("dr");
    const touched = [...text.matchAll(/ ~ +(\S+) (\S+) updated/g)].map(([, type, name]) => `${type} ${name}`);
    expect(touched).to.include("kubernetes:apps/v1:Deployment backend-api");
    expect(touched.filter((line) => !line.startsWith("kubernetes:"))).to.be.empty;
    expect(touched.join()).not.to.match(/StatefulSet|Job database-prepare|:Service/);
    expect(text).not.to.match(/ (created|deleted|replaced)/);
  });

  it("refuses to delete a bucket of recovery points, or its key", async () => {
    const { code, text } = await good.pulumi("destroy", "--stack", "prod", "--yes", "--skip-preview");
    expect(code).not.to.equal(0);
    expect(text).to.match(/protect/);
  });
});
