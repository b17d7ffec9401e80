import { expect } from "chai";
import fc from "fast-check";
import {
  allowedDowntimeSeconds,
  availabilityInSeriesPercent,
  fullRecoveryDueSeconds,
  performanceLevel,
  planAllowedDowntime,
  planRecoveryTimes,
  planWorstCaseLoss,
  recoverySeconds,
  severityOf,
  strictestRpoSeconds,
  trafficSwitchSeconds,
  worstCaseLossSeconds,
  type LossParts,
  type Plan,
  type RecoveryParts,
} from "../../plan/index.ts";
import { planWith } from "./support.ts";
import { examplePlan } from "../support/example-plan.ts";

const plan = examplePlan();
const seconds = fc.integer({ min: 0, max: 1e9 });
const unknown = fc.constantFrom(undefined, Number.NaN, -1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);

const lossParts = fc.record({
  intervalSeconds: seconds,
  startDelaySeconds: seconds,
  runSeconds: seconds,
  replicationSeconds: seconds,
});
const recoveryParts = fc.record({
  detectionSeconds: seconds,
  decisionSeconds: seconds,
  restoreSeconds: seconds,
  startSeconds: seconds,
  trafficSwitchSeconds: seconds,
  verificationSeconds: seconds,
});

/** Properties of every sum in which no part may be omitted. */
function addsUp<Parts extends object>(
  parts: fc.Arbitrary<Required<{ [Name in keyof Parts]: number }>>,
  sum: (parts: Parts) => number,
): void {
  it("is the sum of its parts", () => {
    fc.assert(
      fc.property(parts, (all) => {
        const expected = Object.values<number>(all).reduce((total, part) => total + part, 0);
        expect(sum(all as Parts)).to.equal(expected);
      }),
    );
  });

  it("exceeds any limit if one part is unknown, in every comparison", () => {
    fc.assert(
      fc.property(parts, unknown, fc.nat(), fc.boolean(), (all, value, pick, leaveOut) => {
        const names = Object.keys(all) as (keyof Parts)[];
        const name = names[pick % names.length] as keyof Parts;
        const broken: Record<PropertyKey, unknown> = { ...all, [name]: value };
        if (leaveOut) delete broken[name as string];
        const total = sum(broken as Parts);
        expect(total > Number.MAX_VALUE).to.equal(true);
        expect(total <= Number.MAX_VALUE).to.equal(false);
      }),
    );
  });
}

describe("worst-case loss", () => {
  addsUp<LossParts>(lossParts, worstCaseLossSeconds);

  it("of the plan is within the RPO with change exports, but not without", () => {
    const { withChangeExports, fullExportsOnly, rpoSeconds, met } = planWorstCaseLoss(plan);
    expect(met).to.equal(true);
    expect(withChangeExports.seconds).to.be.at.most(rpoSeconds);
    expect(fullExportsOnly.seconds).to.be.above(rpoSeconds);
  });

  it("includes its parts", () => {
    const edited = planWith((data) => {
      Object.assign(data.backups.changeExport, {
        schedule: "*/5 * * * *",
        startDeadline: "PT20S",
        runTimeLimit: "PT2M",
      });
    });
    expect(planWorstCaseLoss(edited).withChangeExports).to.deep.equal({
      intervalSeconds: 300,
      startDelaySeconds: 20,
      runSeconds: 120,
      replicationSeconds: 900,
      seconds: 1340,
    });
  });

  it("uses measured figures instead of the plan's bounds", () => {
    const measured = { changeRunSeconds: 4, fullRunSeconds: 61, startDelaySeconds: 2, replicationSeconds: 30 };
    const loss = planWorstCaseLoss(plan, measured);
    expect(loss.withChangeExports.seconds).to.equal(600 + 2 + 4 + 30);
    expect(loss.fullExportsOnly.seconds).to.equal(3600 + 2 + 61 + 30);
    expect(planWorstCaseLoss(plan, { changeRunSeconds: Number.NaN, fullRunSeconds: Number.NaN }).met).to.equal(false);
  });

  it("is compared with the strictest RPO of any tier", () => {
    const edited = planWith((data) => (data.tiers[0].rpo = "PT40M"));
    expect(planWorstCaseLoss(edited).rpoSeconds).to.equal(2400);
  });

  it("ignores severity levels without an RPO", () => {
    const [first] = plan.severities;
    const silent = { ...plan, severities: [{ ...first!, rpo: undefined }] as unknown as Plan["severities"] };
    expect(strictestRpoSeconds(silent)).to.equal(3600);
    expect(strictestRpoSeconds({ ...plan, severities: [] })).to.equal(3600);
  });
});

describe("recovery time", () => {
  addsUp<RecoveryParts>(recoveryParts, recoverySeconds);

  it("of every tier is within its RTO, and later tiers take longer", () => {
    const tiers = planRecoveryTimes(plan);
    expect(tiers.map(({ tier }) => tier)).to.deep.equal([1, 2, 3]);
    expect(tiers.every(({ met }) => met)).to.equal(true);
    expect(tiers.map(({ seconds: time }) => time)).to.deep.equal(
      tiers.map(({ seconds: time }) => time).toSorted((a, b) => a - b),
    );
  });

  it("includes start and verification of the previous tiers", () => {
    const measured = {
      detectionSeconds: 1,
      decisionSeconds: 2,
      restoreSeconds: 3,
      trafficSwitchSeconds: 4,
      startSeconds: { 1: 10, 2: 20, 3: 40 },
      verificationSeconds: { 1: 100, 2: 200, 3: 400 },
    };
    expect(planRecoveryTimes(plan, measured).map(({ seconds: time }) => time)).to.deep.equal([120, 340, 780]);
  });

  it("derives the restore time from the standby mode of the tier that holds the data", () => {
    const edited = planWith((data) => (data.tiers[0].services[0].name = "API"));
    const [first] = planRecoveryTimes({
      ...edited,
      tiers: edited.tiers.map((tier) => ({ ...tier, standby: "pilot-light" })),
    });
    expect(first?.parts.restoreSeconds).to.equal(plan.recovery.expected.modes["pilot-light"].restore.seconds);
    expect(first?.met).to.equal(false);
  });

  it("is unknown, hence missed, if no service holds the data", () => {
    const bare = plan.tiers.map((tier) => ({
      ...tier,
      services: tier.services.map((one) => ({ ...one, holdsData: false })),
    }));
    expect(planRecoveryTimes({ ...plan, tiers: bare }).map(({ met }) => met)).to.deep.equal([false, false, false]);
  });

  it("includes alarm, health checks and DNS time to live for the traffic switch", () => {
    const edited = planWith((data) => {
      data.traffic = {
        dnsTtl: "PT45S",
        switchEvaluation: "PT1M",
        healthCheck: { interval: "PT10S", failureThreshold: 4 },
      };
    });
    expect(trafficSwitchSeconds(edited.traffic)).to.equal(60 + 40 + 45);
  });
});

describe("availability", () => {
  it("determines the allowed downtime", () => {
    expect(planAllowedDowntime(plan)).to.deep.equal([
      { window: "month", targetPercent: 99.9, seconds: 2592 },
      { window: "week", targetPercent: 99.9, seconds: 604.8 },
      { window: "day", targetPercent: 99.8, seconds: 172.8 },
    ]);
  });

  it("and downtime add up to the window", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e5 }), fc.integer({ min: 0, max: 1e8 }), (thousandths, window) => {
        const target = thousandths / 1000;
        expect(allowedDowntimeSeconds(target, window) + (target / 100) * window).to.be.closeTo(window, 0.001);
      }),
    );
  });

  for (const target of [-0.1, 100.1, Number.NaN]) {
    it(`of ${target} % has no valid downtime`, () => expect(allowedDowntimeSeconds(target, 60)).to.be.NaN);
  }

  it("of components in series is the product of theirs", () => {
    expect(availabilityInSeriesPercent([99.5, 99.9])).to.be.closeTo(99.4005, 1e-9);
    expect(availabilityInSeriesPercent([])).to.equal(100);
  });
});

describe("performance", () => {
  const [target] = plan.performance;
  if (!target) throw new Error("the plan has no performance target");

  for (const [measured, level] of [
    [250, "green"],
    [499.9, "green"],
    [500, "amber"],
    [2000, "amber"],
    [2000.1, "red"],
    [Number.NaN, "red"],
    [undefined, "red"],
  ] as const) {
    it(`of ${measured} ms at a target of 500 and a limit of 2000 is ${level}`, () => {
      expect(performanceLevel(target, measured)).to.equal(level);
    });
  }
});

describe("severity", () => {
  for (const [usersAffectedPercent, criticalPathBroken, level] of [
    [100, false, 1],
    [99.9, false, 2],
    [50.1, false, 2],
    [50, false, 3],
    [0.1, false, 3],
    [0, false, 4],
    [0, true, 2],
    [100, true, 1],
    [Number.NaN, false, 1],
  ] as const) {
    it(`of an incident that affects ${usersAffectedPercent} % of users${criticalPathBroken ? " and breaks a critical path" : ""} is ${level}`, () => {
      expect(severityOf(plan, { usersAffectedPercent, criticalPathBroken }).level).to.equal(level);
    });
  }

  it("is defined for every incident, and never decreases with more affected users", () => {
    const share = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.boolean(), (a, b, criticalPathBroken) => {
        const [fewer, more] = [Math.min(a, b), Math.max(a, b)].map(
          (usersAffectedPercent) => severityOf(plan, { usersAffectedPercent, criticalPathBroken }).level,
        );
        expect(more).to.be.at.most(fewer ?? 0);
      }),
    );
  });

  it("determines when full recovery must start: immediately, before the RTO is out of reach, after the ladder, or never", () => {
    const [fastest] = planRecoveryTimes(plan);
    const due = plan.severities.map((level) => fullRecoveryDueSeconds(plan, level));
    expect(due[0]).to.equal(0);
    expect(due[1]).to.equal(3600 - (fastest?.seconds ?? 0));
    expect(due[3]).to.equal(undefined);
    const patient = planWith((data) => (data.severities[2].rto = "PT4H"));
    expect(patient.severities.map((level) => fullRecoveryDueSeconds(patient, level))[2]).to.equal((15 + 30 + 60) * 60);
  });
});
