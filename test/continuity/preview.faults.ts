/** Previews with the policy pack and the real engine. */
import { dirname, join } from "node:path";
import { expect } from "chai";
import { ManagedStack, type PreviewFindings } from "../../continuity/stacks.ts";
import type { StartedProviders } from "@vapora-continuity/local-cloud/providers";
import { openRun, type Run } from "@vapora-continuity/local-cloud/run";
import { ensurePulumi } from "@vapora-continuity/local-cloud/tools";
import { refusedAnnotation, startRecordingProviders } from "../support/recording-providers.ts";
import { stackEngine, type Result, type StackEngine } from "../support/stack-engine.ts";

describe("a preview with the policy pack under the real engine", function () {
  this.timeout(300_000);

  let run: Run;
  let providers: StartedProviders;
  let engine: StackEngine;
  let stack: ManagedStack;

  before(async function () {
    this.timeout(1_200_000); // builds the engine if necessary
    const tools = await ensurePulumi(() => {});
    run = await openRun("preview-test");
    providers = await startRecordingProviders();
    engine = stackEngine(
      join(run.directory, "project"),
      "test/policies/changed-values",
      tools,
      providers.debugProviders,
    );
    succeeds(await engine.pulumi("stack", "init", "dr"));
    await change();
    succeeds(await engine.pulumi("up", "--stack", "dr", "--yes", "--skip-preview"));
    const { project: projectDirectory, env, policyPack } = engine;
    const pulumiRoot = dirname(dirname(tools.pulumi));
    stack = await ManagedStack.select({ projectDirectory, stack: "dr", pulumiRoot, env, policyPack });
  });

  after(async () => {
    await providers?.stop();
    await run?.close();
  });

  const succeeds = ({ code, text }: Result): void => void expect(code, text).to.equal(0);

  const change = async (...changes: object[]): Promise<void> =>
    succeeds(await engine.pulumi("config", "set", "changes", JSON.stringify(changes), "--stack", "dr"));

  const refused = (name: string, type = "kubernetes:apps/v1:Deployment"): object => ({
    type,
    name,
    path: ["metadata", "annotations", refusedAnnotation],
    value: `${name} is frozen`,
  });

  const broken = {
    type: "kubernetes:batch/v1:CronJob",
    name: "restore-verify",
    path: ["spec", "jobTemplate", "spec", "suspend"],
    value: true,
  };

  const previewWith = async (...changes: object[]): Promise<PreviewFindings> => {
    await change(...changes);
    return stack.preview({ role: "active" });
  };

  it("passes for a plain role update", async () => {
    expect(await previewWith()).to.deep.equal({ violations: [], failures: [], unfinished: undefined });
  });

  it("runs all policies although the cluster rejects two services", async () => {
    const { violations, failures, unfinished } = await previewWith(
      refused("analytics"),
      refused("logging-aggregation"),
    );
    expect({ violations, unfinished }).to.deep.equal({ violations: [], unfinished: undefined });
    expect(failures.join("\n"))
      .to.match(/analytics is frozen/)
      .and.to.match(/logging-aggregation is frozen/);
  });

  it("finds a violation although the cluster rejects a service", async () => {
    const { violations, failures } = await previewWith(refused("analytics"), broken);
    expect(violations.join()).to.match(/suspend is true, it must be false/);
    expect(failures.join()).to.match(/analytics is frozen/);
  });

  it("reports violations even if the cluster rejects what all others depend on", async () => {
    const { violations, failures, unfinished } = await previewWith(refused("vapora", "kubernetes:core/v1:Namespace"));
    expect(violations.join()).to.match(/role is standby, the stack's configuration has active/);
    expect([failures.length, unfinished]).to.deep.equal([1, undefined]);
    expect(failures[0]).to.match(/vapora is frozen/);
  });
});
