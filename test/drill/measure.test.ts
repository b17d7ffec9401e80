import { expect } from "chai";
import fc from "fast-check";
import { measure } from "../../drill/report/measure.ts";
import { waitsOutsideTheDrillSeconds } from "../../drill/report/projection.ts";
import type { Observations } from "../../drill/report/observations.ts";
import { examplePlan } from "../support/example-plan.ts";

const plan = examplePlan();
const cutAt = Date.UTC(2026, 0, 15, 10, 0, 0);
const second = 1000;
const allServices = plan.tiers.flatMap((tier) => tier.services.map((service) => service.id));

/** A successful drill; each test breaks one thing. */
function goodDrill(): Observations {
  const acknowledged = [-3, -2, -1, 12, 13].map((s, n) => ({ n, ackedAt: cutAt + s * second }));
  return {
    scenario: "region-loss",
    startedAt: cutAt - 30 * second,
    endedAt: cutAt + 20 * second,
    preparation: { toolsSeconds: 600, startSeconds: 5 },
    cutAt,
    failures: [],
    failover: {
      startedAt: cutAt + second,
      endedAt: cutAt + 15 * second,
      steps: [],
      servicesUp: Object.fromEntries(allServices.map((id, index) => [id, cutAt + (5 + index / 10) * second])),
      trafficSwitchedAt: cutAt + 10 * second,
      verifiedAt: cutAt + 11 * second,
      recoveryPoint: { slot: "20260115T095900Z", snapshotAt: cutAt - 1.5 * second },
      leftBehind: undefined,
      promotion: {
        name: "p",
        succeeded: true,
        startDelaySeconds: 1,
        elapsedSeconds: 3,
        result: undefined,
        reason: undefined,
      },
      warnings: [],
      incomplete: [],
    },
    exports: {
      full: { startDelaySeconds: 1, elapsedSeconds: 4 },
      changes: { startDelaySeconds: 1, elapsedSeconds: 3 },
    },
    ledger: { lostAcknowledged: [{ n: 2, ackedAt: cutAt - second }], duplicates: 0, outOfOrder: 0 },
    load: { attempts: 6, acknowledged, seededRows: 100 },
    callsAfterCut: { primaryRegion: [], globalControlPlanes: [], primaryCluster: [] },
    realTypes: ["aws:s3/bucket:Bucket"],
    recordedTypes: ["aws:route53/record:Record"],
    events: [{ lane: "primary", title: "Region lost", at: cutAt }],
    conditions: { rows: 100, notes: [] },
  };
}

const spoiled = (change: (drill: Observations) => void): ReturnType<typeof measure> => {
  const drill = goodDrill();
  change(drill);
  return measure(plan, drill);
};

describe("evaluating a drill", () => {
  it("is met if every target was", () => {
    const report = measure(plan, goodDrill());
    expect(report.reasons).to.deep.equal([]);
    expect(report.verdict).to.equal("met");
  });

  it("measures tier 1 until the first acknowledged write on the new site", () => {
    expect(measure(plan, goodDrill()).tiers[0]?.rtoActualSeconds).to.equal(12);
  });

  it("adds the waits of a real failover to the projection", () => {
    const tier = measure(plan, goodDrill()).tiers[0];
    expect(tier?.rtoProjectedSeconds).to.equal(12 + waitsOutsideTheDrillSeconds(plan));
  });

  it("uses the age of the restored snapshot as recovery point actual", () => {
    const { rpo } = measure(plan, goodDrill());
    expect(rpo.actualSeconds).to.equal(1.5);
    expect(rpo.lostAcknowledgedWrites).to.equal(1);
  });

  it("measures the outage from the last old write to the first new one", () => {
    expect(measure(plan, goodDrill()).load.outageSeconds).to.equal(13);
  });

  it("is missed if a service never came up", () => {
    const report = spoiled((drill) => delete drill.failover?.servicesUp["analytics"]);
    expect(report.tiers[2]).to.include({ rtoActualSeconds: null, met: false });
    expect(report.reasons).to.deep.equal(["Tier 3 did not recover"]);
  });

  it("is missed if no write succeeded on the new site", () => {
    const report = spoiled((drill) => (drill.load.acknowledged = drill.load.acknowledged.slice(0, 3)));
    expect(report.tiers[0]?.met).to.equal(false);
    expect(report.verdict).to.equal("missed");
  });

  it("is missed if a tier was too late", () => {
    const late = (plan.tiers[0]?.rto.seconds ?? 0) * second;
    const report = spoiled((drill) => {
      if (drill.failover) drill.failover.servicesUp["backend-api"] = cutAt + late + second;
    });
    expect(report.reasons.join()).to.match(/Tier 1 recovered after 1801 s/);
  });

  it("is missed if the restored recovery point is older than the RPO", () => {
    const report = spoiled((drill) => {
      if (drill.failover) drill.failover.recoveryPoint.snapshotAt = cutAt - (plan.recovery.rpo.seconds + 1) * second;
    });
    expect(report.rpo.met).to.equal(false);
    expect(report.reasons.join()).to.match(/recovery point actual is 3601 s/);
  });

  it("is missed if the projected worst case exceeds the RPO, though this run lost little", () => {
    const report = spoiled((drill) => (drill.exports = { full: drill.exports.full, changes: undefined }));
    expect(report.rpo.actualSeconds).to.be.below(2);
    expect(report.reasons.join()).to.match(/projected worst-case loss/);
  });

  it("is missed if a write before the snapshot is not in it", () => {
    const report = spoiled((drill) => {
      drill.ledger = { lostAcknowledged: [{ n: 1, ackedAt: cutAt - 2 * second }], duplicates: 0, outOfOrder: 0 };
    });
    expect(report.reasons.join()).to.match(/acknowledged before recovery point .* are missing from it \(first: 1\)/);
  });

  it("is missed, not failed, if the new site's ledger could not be read", () => {
    const report = spoiled((drill) => {
      drill.ledger = undefined;
      drill.failures.push("the ledger could not be read from the new site: 503");
    });
    expect(report.verdict).to.equal("missed");
    expect(report.reasons.join()).to.match(/could not be read.*ledger was not compared/);
  });

  for (const [what, pattern] of [
    ["duplicates", /duplicated/],
    ["outOfOrder", /out of order/],
  ] as const) {
    it(`is missed if the ledger has ${what}`, () => {
      const report = spoiled((drill) => {
        if (drill.ledger) drill.ledger[what] = 1;
      });
      expect(report.reasons.join()).to.match(pattern);
    });
  }

  for (const where of ["primaryRegion", "globalControlPlanes", "primaryCluster"] as const) {
    it(`is missed if the recovery called ${where}`, () => {
      const report = spoiled((drill) => drill.callsAfterCut[where].push("iam GetRole"));
      expect(report.callsAfterCut[where]).to.equal(1);
      expect(report.reasons.join()).to.match(/must not depend on: iam GetRole/);
    });
  }

  it("is missed with all reasons if the drill ended before the loss", () => {
    const report = spoiled((drill) => {
      Object.assign(drill, { cutAt: undefined, failover: undefined, ledger: undefined });
      drill.exports = { full: undefined, changes: undefined };
      drill.failures.push("the full export failed: truncated");
    });
    expect(report.verdict).to.equal("missed");
    expect(report.reasons).to.deep.equal([
      "the full export failed: truncated",
      "the drill ended before the region was lost: no recovery was measured",
    ]);
    expect(report.rpo).to.include({ actualSeconds: null, projectedWorstCaseSeconds: null, met: false });
  });

  it("is never met if more than the RPO was lost", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 * plan.recovery.rpo.seconds }), (lossSeconds) => {
        const report = spoiled((drill) => {
          if (drill.failover) drill.failover.recoveryPoint.snapshotAt = cutAt - lossSeconds * second;
          drill.ledger = { lostAcknowledged: [], duplicates: 0, outOfOrder: 0 };
        });
        expect(report.verdict === "met").to.equal(lossSeconds <= plan.recovery.rpo.seconds);
      }),
    );
  });
});
