/** Cutting us-east-1, the alternate or the primary region leaves every other stack updatable, from an empty account on. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse, stringify } from "yaml";
import { createProgress } from "../../continuity/progress.ts";
import type { StackPart } from "../../contract/index.ts";
import { Laboratory } from "../../drill/laboratory/laboratory.ts";
import { stackOf } from "../../drill/laboratory/local-stack.ts";
import { Recorder } from "../../drill/laboratory/recorder.ts";
import { readDrillOptions } from "../../drill/options.ts";
import { examplePlan } from "../support/example-plan.ts";

const tierReplicas = "vapora-continuity:tierReplicas";

interface Configuration {
  config: Record<string, unknown>;
}

describe("three stacks, no shared fate", function () {
  this.timeout(300_000);
  let lab: Laboratory;
  let changes = 0;

  before(async () => {
    const progress = createProgress({ write: () => true });
    const options = readDrillOptions({ rows: "10" });
    lab = await Laboratory.open(examplePlan(), options, progress, new Recorder("region-loss", 10), {
      propagationSeconds: 1,
    });
  });
  after(() => lab?.close());

  /** Another subscriber, for a change in AWS, and perhaps another number of pods, for one in the site's cluster. */
  function change(part: StackPart, pods: "same pods" | "other pods"): void {
    const path = join(lab.commandLine("alternate").directory, `Pulumi.${stackOf[part]}.yaml`);
    const settings = parse(readFileSync(path, "utf8")) as Configuration;
    const endpoint = `on-call-${++changes}@vapora.example`;
    settings.config["vapora-continuity:alarmSubscribers"] = [{ protocol: "email", endpoint }];
    const { 1: before } = (settings.config[tierReplicas] ?? { 1: 2 }) as Record<number, number>;
    if (pods === "other pods") settings.config[tierReplicas] = { 1: before === 2 ? 3 : 2 };
    writeFileSync(path, stringify(settings));
  }

  async function updates(part: StackPart): Promise<void> {
    change(part, part === "shared" ? "same pods" : "other pods");
    const output = await lab.deployStack(part);
    expect(output).to.match(/ aws:sns:TopicSubscription \S+ created/);
    if (part !== "shared") expect(output).to.match(/ kubernetes:apps\/v1:Deployment backend-api updated/);
  }

  /** Otherwise nothing would have been cut. */
  async function cannotUpdate(part: StackPart): Promise<void> {
    change(part, "same pods");
    const failure = await lab.deployStack(part).catch((error: unknown) => error);
    expect(String(failure)).to.match(/update of|preview of/);
  }

  async function without(region: string, work: () => Promise<void>): Promise<void> {
    const { restore } = lab.cutOff(region);
    try {
      await work();
    } finally {
      restore();
    }
  }

  it("an empty account gets no site first: EKS refuses the identities of its pods, whose roles are in shared", async () => {
    const failure = await lab.deployStack("alternate").catch((error: unknown) => error);
    expect(String(failure)).to.match(/Role provided in the request does not exist/);
  });

  it("an empty account gets shared first, then the sites in either order", async () => {
    for (const part of ["shared", "alternate", "primary"] as const) expect(await lab.deployStack(part)).not.to.be.empty;
  });

  it("both sites are updated without us-east-1 and the global control planes", async () => {
    await without("us-east-1", async () => {
      await updates("primary");
      await updates("alternate");
      await cannotUpdate("shared");
    });
    await updates("shared");
  });

  it("the primary site is updated without the alternate region", async () => {
    await without("eu-central-1", async () => {
      await updates("primary");
      await cannotUpdate("alternate");
    });
    await updates("alternate");
  });

  it("the alternate site is updated after the loss of the primary region with its cluster", async () => {
    await lab.loseRegion("primary");
    await updates("alternate");
    await cannotUpdate("primary");
  });
});
