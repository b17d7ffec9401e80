import { expect } from "chai";
import { monthlyRestoreVerifyOnReplica as policy } from "../../policies/monthly-restore-verify-on-replica.ts";
import type { Role, SiteName } from "../../contract/index.ts";
import { renamed, set, violations, without, type Change } from "./support.ts";

const cronJob = "kubernetes:batch/v1:CronJob";
const test = "restore-verify";

type Env = { name: string; value?: string }[];

/** Replaces an environment variable of the test's container; undefined removes it. */
const env =
  (values: Record<string, string | undefined>, job = test): Change =>
  (resources) => {
    const found = resources.find((resource) => resource.type === cronJob && resource.name === job)!;
    const spec = found.props["spec"] as {
      jobTemplate: { spec: { template: { spec: { containers: { env: Env }[] } } } };
    };
    const [container] = spec.jobTemplate.spec.template.spec.containers;
    container!.env = container!.env
      .filter(({ name }) => !(name in values && values[name] === undefined))
      .map((entry) => (entry.name in values ? { name: entry.name, value: values[entry.name]! } : entry));
  };

const primary = { BUCKET: "shop-recovery-points-eu-west-1", BUCKET_REGION: "eu-west-1" };
const alternate = { BUCKET: "shop-recovery-points-eu-central-1", BUCKET_REGION: "eu-central-1" };

describe("policy monthly-restore-verify-on-replica", () => {
  it("is mandatory", () => {
    expect(policy.enforcementLevel).to.equal("mandatory");
  });

  const good: [SiteName, Role][] = [
    ["primary", "active"],
    ["primary", "isolated"],
    ["primary", "standby"],
    ["alternate", "standby"],
    ["alternate", "active"],
  ];
  for (const stack of good) {
    it(`passes the program's own ${stack.join(" site, ")}`, async () => {
      expect(await violations(policy, stack)).to.be.empty;
    });
  }

  const cases: [string, [SiteName, Role], Change, RegExp][] = [
    [
      "a test of the written bucket",
      ["primary", "active"],
      env(primary),
      /reads shop-recovery-points-eu-west-1 in eu-west-1, .+ writes .+; read the bucket/,
    ],
    [
      "another bucket in the writing region",
      ["primary", "active"],
      env({ ...alternate, BUCKET_REGION: "eu-west-1" }),
      /in eu-west-1, but this site/,
    ],
    [
      "a standby that reads the writing region",
      ["alternate", "standby"],
      env(primary),
      /receives copies in shop-recovery-points-eu-central-1/,
    ],
    [
      "a new active site that still reads its own bucket",
      ["alternate", "active"],
      env(alternate),
      /is active, writes shop-recovery-points-eu-central-1/,
    ],
    ["an unknown bucket", ["primary", "active"], env({ BUCKET: undefined }), /reads an unknown bucket/],
    ["an unknown region", ["primary", "active"], env({ BUCKET_REGION: undefined }), /in an unknown region/],
    [
      "an export without a bucket",
      ["primary", "active"],
      env({ BUCKET: undefined }, "export"),
      /writes an unknown bucket/,
    ],
    [
      "a test every two months",
      ["primary", "active"],
      set(cronJob, test, "spec.schedule", "0 3 1 */2 *"),
      /up to 62 days between two runs.+; run it at least monthly/,
    ],
    [
      "a test on days missing from some months",
      ["primary", "active"],
      set(cronJob, test, "spec.schedule", "0 3 31 * *"),
      /up to 61 days/,
    ],
    [
      "a test without a schedule",
      ["primary", "active"],
      set(cronJob, test, "spec.schedule", undefined),
      /an unknown number of days/,
    ],
    [
      "a suspended test on the active site",
      ["primary", "active"],
      set(cronJob, test, "spec.suspend", true),
      /suspended on a site that is active; resume it/,
    ],
    [
      "a suspended test on the standby",
      ["alternate", "standby"],
      set(cronJob, test, "spec.suspend", true),
      /suspended on a site that is standby/,
    ],
    ["no test", ["primary", "active"], without(cronJob, test), /0 CronJobs "restore-verify"/],
    ["no export to compare with", ["primary", "active"], without(cronJob, "export"), /0 CronJobs "export"/],
    ["a renamed type", ["primary", "active"], renamed(cronJob), /0 CronJobs "restore-verify"/],
  ];

  for (const [what, stack, change, message] of cases) {
    it(`stops ${what}`, async () => {
      const reported = await violations(policy, stack, change);
      expect(reported.map((violation) => violation.message).join("\n")).to.match(message);
    });
  }

  it("accepts a test every week", async () => {
    const weekly = set(cronJob, test, "spec.schedule", "0 3 * * 1");
    expect(await violations(policy, ["primary", "active"], weekly)).to.be.empty;
  });
});
