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

/** What holds of every sum of parts in which nothing may be left out. */
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

  it("is longer than any limit when one part is unknown, whichever way it is compared", () => {
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

  it("of the plan keeps within the RPO with change exports, and not without them", () => {
    const { withChangeExports, fullExportsOnly, rpoSeconds, met } = planWorstCaseLoss(plan);
    expect(met).to.equal(true);
    expect(withChangeExports.seconds).to.be.at.most(rpoSeconds);
    expect(fullExportsOnly.seconds).to.be.above(rpoSeconds);
  });

  it("names the parts it adds up", () => {
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

  it("takes measured figures in place of the plan's bounds", () => {
    const measured = { changeRunSeconds: 4, fullRunSeconds: 61, startDelaySeconds: 2, replicationSeconds: 30 };
    const loss = planWorstCaseLoss(plan, measured);
    expect(loss.withChangeExports.seconds).to.equal(600 + 2 + 4 + 30);
    expect(loss.fullExportsOnly.seconds).to.equal(3600 + 2 + 61 + 30);
    expect(planWorstCaseLoss(plan, { changeRunSeconds: Number.NaN, fullRunSeconds: Number.NaN }).met).to.equal(false);
  });

  it("is held against the strictest promise of any tier", () => {
    const edited = planWith((data) => (data.tiers[0].rpo = "PT40M"));
    expect(planWorstCaseLoss(edited).rpoSeconds).to.equal(2400);
  });

  it("takes a level of severity that says nothing of a loss for no promise", () => {
    const [first] = plan.severities;
    const silent = { ...plan, severities: [{ ...first!, rpo: undefined }] as unknown as Plan["severities"] };
    expect(strictestRpoSeconds(silent)).to.equal(3600);
    expect(strictestRpoSeconds({ ...plan, severities: [] })).to.equal(3600);
  });
});

describe("recovery time", () => {
  addsUp<RecoveryParts>(recoveryParts, recoverySeconds);

  it("of every tier keeps within its RTO, and later tiers take longer", () => {
    const tiers = planRecoveryTimes(plan);
    expect(tiers.map(({ tier }) => tier)).to.deep.equal([1, 2, 3]);
    expect(tiers.every(({ met }) => met)).to.equal(true);
    expect(tiers.map(({ seconds: time }) => time)).to.deep.equal(
      tiers.map(({ seconds: time }) => time).toSorted((a, b) => a - b),
    );
  });

  it("counts the start and the verification of the tiers before", () => {
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

  it("restores as long as the tier that holds the data needs, from the mode in which it waits", () => {
    const edited = planWith((data) => (data.tiers[0].services[0].name = "API"));
    const [first] = planRecoveryTimes({
      ...edited,
      tiers: edited.tiers.map((tier) => ({ ...tier, standby: "pilot-light" })),
    });
    expect(first?.parts.restoreSeconds).to.equal(plan.recovery.expected.modes["pilot-light"].restore.seconds);
    expect(first?.met).to.equal(false);
  });

  it("is unknown, hence missed, when no service holds the data", () => {
    const bare = plan.tiers.map((tier) => ({
      ...tier,
      services: tier.services.map((one) => ({ ...one, holdsData: false })),
    }));
    expect(planRecoveryTimes({ ...plan, tiers: bare }).map(({ met }) => met)).to.deep.equal([false, false, false]);
  });

  it("switches traffic after the alarm, the health checks and the life of a DNS answer", () => {
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
  it("allows the downtime that the target leaves", () => {
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
    it(`of ${target} % allows nothing that could be compared`, () =>
      expect(allowedDowntimeSeconds(target, 60)).to.be.NaN);
  }

  it("of things that must all work is the product of theirs", () => {
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

  it("is known for every incident, and never milder when more users are affected", () => {
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

  it("says when full recovery must start: at once, before the RTO is out of reach, after the ladder, or never", () => {
    const [fastest] = planRecoveryTimes(plan);
    const due = plan.severities.map((level) => fullRecoveryDueSeconds(plan, level));
    expect(due[0]).to.equal(0);
    expect(due[1]).to.equal(3600 - (fastest?.seconds ?? 0));
    expect(due[3]).to.equal(undefined);
    const patient = planWith((data) => (data.severities[2].rto = "PT4H"));
    expect(patient.severities.map((level) => fullRecoveryDueSeconds(patient, level))[2]).to.equal((15 + 30 + 60) * 60);
  });
});
