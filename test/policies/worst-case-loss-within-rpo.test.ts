import { expect } from "chai";
import { worstCaseLossWithinRpo as policy } from "../../policies/worst-case-loss-within-rpo.ts";
import type { Role, SiteName } from "../../contract/index.ts";
import { renamed, set, violations, without, type Change } from "./support.ts";

const cronJob = "kubernetes:batch/v1:CronJob";
const jobSpec = "spec.jobTemplate.spec";

describe("policy worst-case-loss-within-rpo", () => {
  it("is mandatory", () => {
    expect(policy.enforcementLevel).to.equal("mandatory");
  });

  const good: [SiteName, Role][] = [
    ["primary", "active"],
    ["primary", "isolated"],
    ["alternate", "standby"],
    ["alternate", "active"],
  ];
  for (const stack of good) {
    it(`passes the program's own ${stack.join(" site, ")}`, async () => {
      expect(await violations(policy, stack)).to.be.empty;
    });
  }

  const onActive: [string, Change, RegExp][] = [
    [
      "change exports too rare",
      set(cronJob, "export-changes", "spec.schedule", "*/45 * * * *"),
      /worst-case loss is 1 h 6 min .+; export more often/,
    ],
    [
      "change exports that may start late",
      set(cronJob, "export-changes", "spec.startingDeadlineSeconds", 3600),
      /worst-case loss is .+; export more often/,
    ],
    [
      "change exports that may start however late",
      set(cronJob, "export-changes", "spec.startingDeadlineSeconds", undefined),
      /start deadline unknown s/,
    ],
    [
      "change exports that may run too long",
      set(cronJob, "export-changes", `${jobSpec}.activeDeadlineSeconds`, 3000),
      /must be below the shortest interval of 600 s.+; lower/,
    ],
    [
      "change exports without a time limit",
      set(cronJob, "export-changes", `${jobSpec}.activeDeadlineSeconds`, undefined),
      /activeDeadlineSeconds is unknown/,
    ],
    [
      "a number as text",
      set(cronJob, "export-changes", "spec.startingDeadlineSeconds", "60"),
      /start deadline unknown s/,
    ],
    [
      "a schedule that Kubernetes rejects",
      set(cronJob, "export-changes", "spec.schedule", "every 10 minutes"),
      /worst-case loss is unknown/,
    ],
    ["no time zone", set(cronJob, "export-changes", "spec.timeZone", undefined), /worst-case loss is unknown/],
    [
      "full exports less often than planned",
      set(cronJob, "export", "spec.schedule", "0 */2 * * *"),
      /up to 7200 s between two runs, the plan promises 3600 s; use/,
    ],
    [
      "full exports without a schedule",
      set(cronJob, "export", "spec.schedule", undefined),
      /up to unknown s between two runs/,
    ],
    [
      "overlapping runs",
      set(cronJob, "export", "spec.concurrencyPolicy", "Allow"),
      /concurrencyPolicy is Allow, it must be Forbid/,
    ],
    [
      "a suspended full export",
      set(cronJob, "export", "spec.suspend", true),
      /export is suspended on the active site.+; resume it/,
    ],
    [
      "a suspended change export",
      set(cronJob, "export-changes", "spec.suspend", true),
      /export-changes is suspended on the active site/,
    ],
    ["no full export", without(cronJob, "export"), /0 CronJobs "export".+; keep the component/],
    ["no change export", without(cronJob, "export-changes"), /0 CronJobs "export-changes"/],
    [
      "a change export in another namespace",
      set(cronJob, "export-changes", "metadata.namespace", "default"),
      /0 CronJobs "export-changes"/,
    ],
    ["a renamed type", renamed(cronJob), /0 CronJobs "export" of type kubernetes:batch\/v1:CronJob/],
  ];

  for (const [what, change, message] of onActive) {
    it(`stops ${what}`, async () => {
      const reported = await violations(policy, ["primary", "active"], change);
      expect(reported.map((violation) => violation.message).join("\n")).to.match(message);
    });
  }

  for (const role of ["standby", "isolated"] as const) {
    const site = role === "standby" ? "alternate" : "primary";
    it(`stops a second writer on a site that is ${role}`, async () => {
      const change = set(cronJob, "export-changes", "spec.suspend", false);
      const [first, ...others] = await violations(policy, [site, role], change);
      expect(first?.message).to.equal(
        `export-changes runs on a site that is ${role}, so two sites would write recovery points; suspend it`,
      );
      expect(others).to.be.empty;
    });
  }

  it("evaluates a standby by the schedules that would run after a failover", async () => {
    const change = set(cronJob, "export-changes", "spec.schedule", "*/45 * * * *");
    const [first] = await violations(policy, ["alternate", "standby"], change);
    expect(first?.message).to.contain("the objective is 1 h");
  });

  it("reports the resource to change", async () => {
    const [first] = await violations(policy, ["primary", "active"], set(cronJob, "export", "spec.suspend", true));
    expect(first?.urn).to.match(/CronJob::export$/);
  });
});
