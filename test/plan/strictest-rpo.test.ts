/** One RPO for all users: a change in any of its three places affects all of them. */
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import { expectedAgeSeconds } from "../../components/site/plan-limits.ts";
import { Site, siteImages } from "../../components/site/index.ts";
import { measure } from "../../drill/report/measure.ts";
import type { Observations } from "../../drill/report/observations.ts";
import { planWorstCaseLoss, strictestRpoSeconds, type Plan } from "../../plan/index.ts";
import { findInconsistencies } from "../../plan/checks/index.ts";
import { accountId, plan, regional, topology } from "../support/fixtures.ts";
import { only, settled, startMocks } from "../support/pulumi-mocks.ts";

const minutes = 10;
const rpo = { iso: `PT${minutes}M`, seconds: minutes * 60 };

/** Stricter than the schedules can keep, so that every user reports it. */
const places: Record<string, Plan> = {
  "the whole service": { ...plan, recovery: { ...plan.recovery, rpo } },
  "a tier": { ...plan, tiers: plan.tiers.map((tier, index) => (index === 1 ? { ...tier, rpo } : tier)) },
  "a level of severity": {
    ...plan,
    severities: plan.severities.map((level, index) => (index === 0 ? { ...level, rpo } : level)),
  },
};

async function alarmThreshold(edited: Plan): Promise<unknown> {
  await startMocks();
  const images = siteImages({ imageRegistry: "registry", imageTag: "7", databaseImage: "surrealdb/surrealdb:v3.0.3" });
  const where = {
    site: "alternate",
    role: "standby",
    namespace: "shop",
    databaseNamespace: "shop",
    clusterName: "shop-alternate",
    siteHostname: "a.shop.example",
  } as const;
  new Site(
    "alternate",
    { topology, accountId, plan: edited, images, databaseStorage: "50Gi", alarmSubscribers: [], ...where },
    { providers: [regional("alternate", topology.alternateRegion), new KubernetesProvider("cluster", {})] },
  );
  await settled();
  return only("aws:cloudwatch/metricAlarm:MetricAlarm", "alternate-age").inputs["threshold"];
}

const nothingSeen: Observations = {
  scenario: "none",
  startedAt: 0,
  preparation: { toolsSeconds: 0, startSeconds: 0 },
  endedAt: 0,
  cutAt: undefined,
  failover: undefined,
  failures: [],
  exports: { full: undefined, changes: undefined },
  ledger: undefined,
  load: { attempts: 0, acknowledged: [], seededRows: 0 },
  callsAfterCut: { primaryRegion: [], globalControlPlanes: [], primaryCluster: [] },
  realTypes: [],
  recordedTypes: [],
  events: [],
  conditions: { rows: 0, notes: [] },
};

describe("the strictest RPO", () => {
  it("is an hour in the plan of this repository", () => {
    expect(strictestRpoSeconds(plan)).to.equal(3600);
  });

  for (const [where, edited] of Object.entries(places)) {
    describe(`changed in ${where}`, () => {
      it("changes the limit of the schedules", () => {
        expect(planWorstCaseLoss(edited)).to.include({ rpoSeconds: rpo.seconds, met: false });
        const problems = findInconsistencies(edited).map(({ path }) => path.join("."));
        expect(problems).to.include("backups.changeExport");
      });

      it("changes the alarms of the watch", async () => {
        expect(await alarmThreshold(edited)).to.equal(rpo.seconds);
        expect(expectedAgeSeconds(edited)).to.equal(rpo.seconds);
      });

      it("changes the target of a drill", () => {
        expect(measure(edited, nothingSeen).rpo.targetSeconds).to.equal(rpo.seconds);
      });
    });
  }

  it("is read only through one function", async () => {
    const strays: string[] = [];
    // A pattern in one piece would make knip take every file for an entry.
    const rooms = ["components", "policies", "jobs", "continuity", "drill"];
    for await (const file of glob(rooms.map((room) => `${room}/**/*.ts`))) {
      if (/\brecovery\??\.rpo\b|\b(tier|severity|level)\??\.rpo\b/.test(readFileSync(file, "utf8"))) strays.push(file);
    }
    expect(strays).to.be.empty;
  });
});
