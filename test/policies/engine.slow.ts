/** Program and policy pack with the real engine, with everything unknown that a preview cannot know. */
import { expect } from "chai";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { StartedProviders } from "@vapora-continuity/local-cloud/providers";
import { openRun, type Run } from "@vapora-continuity/local-cloud/run";
import { ensurePulumi } from "@vapora-continuity/local-cloud/tools";
import { bucketObjects, startRecordingProviders } from "../support/recording-providers.ts";
import { stackEngine, type Result, type StackEngine } from "../support/stack-engine.ts";

interface Change {
  type: string;
  name: string;
  path: string[];
  value?: unknown;
}

const stacks = ["shared", "prod", "dr"];

describe("stacks and policy pack under the real engine", function () {
  this.timeout(300_000);

  let run: Run;
  let providers: StartedProviders;
  let good: StackEngine;
  let broken: StackEngine;
  let changed: StackEngine;

  before(async function () {
    this.timeout(1_200_000); // builds the engine if necessary
    const tools = await ensurePulumi(() => {});
    run = await openRun("policy-test");
    providers = await startRecordingProviders();
    const engine = (name: string, program: string) =>
      stackEngine(join(run.directory, name), program, tools, providers.debugProviders);
    [good, broken] = [engine("good", "main.js"), engine("broken", "test/policies/broken-promises")];
    changed = engine("changed", "test/policies/changed-values");
    for (const { pulumi } of [good, broken, changed]) {
      for (const stack of stacks) succeeds(await pulumi("stack", "init", stack));
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

  // From an empty account: what both sites share comes first, then the sites in either order.
  for (const stack of stacks) {
    it(`previews ${stack} without policy violations`, async () => {
      const text = succeeds(await guarded(good, "preview", stack));
      expect(text).to.match(/✅ vapora-continuity@v/);
      // A policy that reads an unknown value would have become advisory.
      expect(text).not.to.match(/advisory|can't run policy/i);
    });

    it(`deploys ${stack}, and a second update changes nothing`, async () => {
      await up(stack);
      succeeds(await guarded(good, "preview", stack, "--expect-no-changes"));
    });

    it(`stops ${stack} before any change if it violates the plan`, async () => {
      const { code, text } = await guarded(broken, "preview", stack);
      expect(code).not.to.equal(0);
      const rules = new Set([...text.matchAll(/\[mandatory\] +(\S+)/g)].map(([, rule]) => rule));
      const ofSites = ["worst-case-loss-within-rpo", "monthly-restore-verify-on-replica"];
      expect([...rules]).to.have.members(stack === "shared" ? ["backup-store-replicated-and-locked"] : ofSites);
    });
  }

  const job = ["spec", "jobTemplate", "spec"];
  const pod = [...job, "template", "spec"];
  const cron = (name: string, ...path: string[]): Change => ({ type: "kubernetes:batch/v1:CronJob", name, path });
  const s3 = (type: string, name: string, ...path: string[]): Change => ({ type: `aws:s3/${type}`, name, path });
  const label = (name: string): Change => ({
    type: "kubernetes:core/v1:Namespace",
    name: "vapora",
    path: ["metadata", "labels", `continuity.vapora/${name}`],
  });

  /** Some of the values that each rule reads; the unit tests cover all. */
  const unknown: Record<"prod" | "shared", Change[]> = {
    prod: [
      label("site"),
      label("role"),
      cron("export", "spec", "suspend"),
      cron("export", "spec", "schedule"),
      cron("export-changes", "spec", "startingDeadlineSeconds"),
      cron("export-changes", ...job, "activeDeadlineSeconds"),
      cron("restore-verify", "spec", "timeZone"),
      cron("restore-verify", ...pod, "containers", "0", "image"),
      cron("restore-verify", ...pod, "containers", "0", "args"),
      cron("standby-promote", ...pod, "serviceAccountName"),
    ],
    shared: [
      s3("bucketReplicationConfig:BucketReplicationConfig", "vapora-primary-to-alternate", "rules", "0", "status"),
      s3("bucketVersioning:BucketVersioning", "vapora-primary", "versioningConfiguration", "status"),
      s3(
        "bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "vapora-alternate",
        "rule",
        "defaultRetention",
        "days",
      ),
    ],
  };
  const previewWith = async (stack: string, ...changes: Change[]): Promise<Result> => {
    succeeds(await changed.pulumi("config", "set", "changes", JSON.stringify(changes), "--stack", stack));
    return guarded(changed, "preview", stack);
  };
  const isStopped = ({ code, text }: Result, messages: string[]): void => {
    expect(code, text).not.to.equal(0);
    expect(text)
      .to.match(/\[mandatory\]/)
      .and.not.match(/advisory|can't run policy/i);
    // The engine wraps lines arbitrarily.
    for (const message of messages) expect(text.replace(/\s+/g, " ")).to.contain(message);
  };

  it("accepts the unchanged program of these tests", async () => {
    for (const stack of ["prod", "shared"]) succeeds(await previewWith(stack));
  });

  for (const stack of ["prod", "shared"] as const) {
    it(`stops a preview of ${stack} with unknown values that rules need, and reports each`, async () => {
      const named = unknown[stack].map(
        ({ name, path }) => `${path.join(".")} of ${name} is unknown; give a plain value`,
      );
      isStopped(await previewWith(stack, ...unknown[stack]), named);
    });

    const change = unknown[stack].at(-1)!;
    const place = `${change.path.join(".")} of ${change.name}`;
    it(`stops a preview of ${stack} with only ${place} unknown`, async () => {
      isStopped(await previewWith(stack, change), [`${place} is unknown`]);
    });
  }

  it("stops a label that contradicts the stack's configuration, and a job that would never start", async () => {
    const changes = [
      { ...label("site"), value: "alternate" },
      { ...cron("export", ...job, "suspend"), value: true },
    ];
    isStopped(await previewWith("prod", ...changes), [
      "label continuity.vapora/site is alternate, the stack's configuration has primary",
      "spec.jobTemplate.spec.suspend is true, it must be false",
    ]);
  });

  it("changes the role of dr through Kubernetes objects only, without touching the database and its preparation", async () => {
    succeeds(await good.pulumi("config", "set", "role", "active", "--stack", "dr"));
    const text = await up("dr");
    const touched = [...text.matchAll(/ ~ +(\S+) (\S+) updated/g)].map(([, type, name]) => `${type} ${name}`);
    expect(touched).to.include("kubernetes:apps/v1:Deployment backend-api");
    expect(touched.filter((line) => !line.startsWith("kubernetes:"))).to.be.empty;
    expect(touched.join()).not.to.match(/StatefulSet|Job database-prepare|:Service/);
    expect(text).not.to.match(/ (created|deleted|replaced)/);
  });

  /** The same after removing a changed setting, so that one test leaves nothing to the next. */
  const previewOn = async (stack: string, config: Record<string, string>): Promise<Result> => {
    const keys = Object.keys(config);
    for (const key of keys) succeeds(await good.pulumi("config", "set", key, config[key]!, "--stack", stack));
    const result = await good.pulumi("preview", "--stack", stack);
    for (const key of keys) succeeds(await good.pulumi("config", "rm", key, "--stack", stack));
    return { ...result, text: result.text.replace(/\s+/g, " ") };
  };

  it("refuses another prefix with one error, before any resource is compared", async () => {
    for (const stack of ["prod", "shared"]) {
      const { code, text } = await previewOn(stack, { namePrefix: "store" });
      expect(code, text).not.to.equal(0);
      expect(text).to.match(/1 change\(s\) that an existing stack cannot make .+namePrefix is "store", but must stay /);
      expect(text).not.to.match(/replace|aws:s3/);
    }
  });

  it("refuses another storage class and a smaller volume, all at once", async () => {
    const { code, text } = await previewOn("prod", { storageClassName: "tape", databaseStorage: "10Gi" });
    expect(code, text).not.to.equal(0);
    expect(text).to.match(/2 change\(s\)/);
    for (const key of ["storageClassName", "databaseStorage"]) expect(text).to.contain(`:${key} is "`);
  });

  it("refuses a weaker lock", async () => {
    const { code, text } = await previewOn("shared", { lockMode: "GOVERNANCE" });
    expect(code, text).not.to.equal(0);
    expect(text).to.match(/1 change\(s\) .+lockMode is "GOVERNANCE for 35 days", but must not protect less/);
  });

  it("neither replaces the database for a larger volume nor passes it over: the claim must be expanded", async () => {
    const { code, text } = await previewOn("prod", { databaseStorage: "90Gi" });
    expect(code, text).not.to.equal(0);
    expect(text).to.match(/databaseStorage is "90Gi", but must not exceed the claim vapora\/data-surrealdb-0/);
    expect(text).to.contain("kubectl -n vapora patch pvc data-surrealdb-0");
    expect(text).not.to.match(/StatefulSet surrealdb (replace|update)/);
    // What the claim requests already is accepted.
    const known = await previewOn("prod", { databaseStorage: "50Gi" });
    expect(known.code, known.text).to.equal(0);
  });

  it("keeps an existing stack unchanged after these refusals", async () => {
    for (const stack of stacks) {
      succeeds(await good.pulumi("preview", "--stack", stack, "--expect-no-changes"));
    }
  });

  it("refuses an update from an older copy that would take the serving site out of service", async () => {
    const record = JSON.stringify({ site: "alternate", epoch: 2, since: "2026-01-15T10:00:00.000Z" });
    bucketObjects.set("vapora-recovery-points-eu-central-1", record);
    try {
      succeeds(await good.pulumi("config", "set", "role", "standby", "--stack", "dr"));
      const preview = await good.pulumi("preview", "--stack", "dr");
      expect(preview.code, preview.text).not.to.equal(0);
      expect(preview.text.replace(/\s+/g, " ")).to.match(
        /role is "standby", but must agree with the writer record, which names the alternate site as the writer \(epoch 2/,
      );
      const update = await good.pulumi("up", "--stack", "dr", "--yes", "--skip-preview");
      expect(update.code, update.text).not.to.equal(0);
      expect(update.text).not.to.match(/kubernetes:\S+ \S+ updat/);
      succeeds(await good.pulumi("config", "set", "role", "active", "--stack", "dr"));
      succeeds(await good.pulumi("preview", "--stack", "dr", "--expect-no-changes"));
      // The old primary, from a copy in which it is still active.
      bucketObjects.set("vapora-recovery-points-eu-west-1", record);
      const old = await good.pulumi("preview", "--stack", "prod");
      expect(old.code, old.text).not.to.equal(0);
      expect(old.text.replace(/\s+/g, " ")).to.match(
        /role is "active", but must agree.+set it to isolated, or standby/,
      );
    } finally {
      bucketObjects.clear();
    }
  });

  it("warns at each preview of a lock that an administrator can lift", async () => {
    const { code, text } = await previewOn("shared", { lockMode: "GOVERNANCE", lockDays: "1" });
    expect(code, text).not.to.equal(0); // the stack has COMPLIANCE
    succeeds(await good.pulumi("stack", "init", "trial"));
    cpSync(join(good.project, "Pulumi.shared.yaml"), join(good.project, "Pulumi.trial.yaml"));
    const trial = await previewOn("trial", { lockMode: "GOVERNANCE", lockDays: "1" });
    expect(trial.code, trial.text).to.equal(0);
    expect(trial.text).to.match(
      /lockMode is GOVERNANCE: a role with s3:BypassGovernanceRetention.+within their 1 days/,
    );
  });

  it("rejects deletion of a recovery-point bucket or its key", async () => {
    const { code, text } = await good.pulumi("destroy", "--stack", "shared", "--yes", "--skip-preview");
    expect(code).not.to.equal(0);
    expect(text).to.match(/protect/);
  });

  it("keeps every part of the store, and the secret, with destroy --exclude-protected", async () => {
    succeeds(await good.pulumi("destroy", "--stack", "shared", "--yes", "--skip-preview", "--exclude-protected"));
    const { text } = await good.pulumi("stack", "export", "--stack", "shared");
    const { deployment } = JSON.parse(text.slice(text.indexOf("{"))) as {
      deployment: { resources: { urn: string }[] };
    };
    const left = deployment.resources.map(({ urn }) => urn.split("::").slice(-2).join(" ").replace(/^.*\$/, ""));
    for (const site of ["primary", "alternate"]) {
      for (const type of [
        "bucket:Bucket",
        "bucketVersioning:BucketVersioning",
        "bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "bucketPublicAccessBlock:BucketPublicAccessBlock",
        "bucketOwnershipControls:BucketOwnershipControls",
        "bucketPolicy:BucketPolicy",
        "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      ]) {
        expect(left).to.include(`aws:s3/${type} vapora-${site}`);
      }
    }
    expect(left).to.include.members([
      "aws:s3/bucketReplicationConfig:BucketReplicationConfig vapora-primary-to-alternate",
      "aws:s3/bucketReplicationConfig:BucketReplicationConfig vapora-alternate-to-primary",
      "aws:iam/role:Role vapora-replication",
      "aws:iam/rolePolicy:RolePolicy vapora-replication",
      "aws:kms/key:Key vapora-primary",
      "aws:kms/replicaKey:ReplicaKey vapora-alternate",
      "aws:secretsmanager/secret:Secret vapora",
    ]);
    expect(left.filter((name) => name.startsWith("aws:route53/"))).to.deep.equal([]);
  });
});
