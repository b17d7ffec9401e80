import { expect } from "chai";
import fc from "fast-check";
import { alarmState, evaluatedPeriods } from "../../traffic/alarm.ts";
import type { Alarm, AlarmState } from "../../traffic/alarm.ts";
import { answeringRecord, isHealthy, neededChecks } from "../../traffic/decision.ts";
import { nextProbeState } from "../../traffic/endpoint-prober.ts";
import type { AlarmCheck, CalculatedCheck, FailoverRecord, HealthCheck } from "../../traffic/records.ts";

const alarm: Alarm = {
  periodSeconds: 60,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  threshold: 0.5,
  comparison: "GreaterThanThreshold",
  treatMissingData: "missing",
};

describe("an alarm's state", () => {
  const values = (...entries: [number, number][]): Map<number, number> => new Map(entries);

  it("follows the running period as soon as it has data", () => {
    expect(evaluatedPeriods({ ...alarm, evaluationPeriods: 2 }, values([120, 1]), 130)).to.deep.equal([120, 60]);
    expect(evaluatedPeriods({ ...alarm, evaluationPeriods: 2 }, values([60, 1]), 130)).to.deep.equal([60, 0]);
    expect(alarmState(alarm, values([120, 1]), 121, "OK")).to.equal("ALARM");
    expect(alarmState(alarm, values([60, 1], [120, 0]), 121, "ALARM")).to.equal("OK");
  });

  it("treats missing data by treatMissingData", () => {
    const state = (treatMissingData: Alarm["treatMissingData"], before: AlarmState): AlarmState =>
      alarmState({ ...alarm, treatMissingData }, values(), 130, before);
    expect(state("breaching", "OK")).to.equal("ALARM");
    expect(state("notBreaching", "ALARM")).to.equal("OK");
    expect(state("ignore", "ALARM")).to.equal("ALARM");
    expect(state("ignore", "OK")).to.equal("OK");
    expect(state("missing", "ALARM")).to.equal("INSUFFICIENT_DATA");
  });

  it("requires datapointsToAlarm breaching periods", () => {
    const two = { ...alarm, evaluationPeriods: 3, datapointsToAlarm: 2 };
    expect(alarmState(two, values([0, 1], [60, 0], [120, 0]), 130, "OK")).to.equal("OK");
    expect(alarmState(two, values([0, 1], [60, 0], [120, 1]), 130, "OK")).to.equal("ALARM");
  });

  it("compares by the operator", () => {
    const at = (comparison: Alarm["comparison"]): AlarmState =>
      alarmState({ ...alarm, comparison }, values([60, 0.5]), 60, "OK");
    expect(at("GreaterThanThreshold")).to.equal("OK");
    expect(at("GreaterThanOrEqualToThreshold")).to.equal("ALARM");
    expect(at("LessThanThreshold")).to.equal("OK");
    expect(at("LessThanOrEqualToThreshold")).to.equal("ALARM");
  });
});

const alarmCheck = (id: string, over: Partial<AlarmCheck> = {}): AlarmCheck => ({
  id,
  kind: "alarm",
  inverted: false,
  disabled: false,
  alarm: "switch",
  region: "eu-central-1",
  whenInsufficient: "last-known",
  ...over,
});

const calculated = (id: string, children: string[], threshold: number): CalculatedCheck => ({
  id,
  kind: "calculated",
  inverted: false,
  disabled: false,
  children,
  threshold,
});

function healthy(check: HealthCheck, state?: AlarmState, before?: boolean, others: HealthCheck[] = []): boolean {
  return isHealthy(check.id, new Map([check, ...others].map((c) => [c.id, c])), {
    alarms: new Map(state === undefined ? [] : [check, ...others].map((c) => [c.id, state])),
    endpoints: new Map(),
    before: new Map(before === undefined ? [] : [[check.id, before]]),
  });
}

describe("a health check", () => {
  it("follows its alarm, inverted if set", () => {
    expect(healthy(alarmCheck("a"), "OK")).to.equal(true);
    expect(healthy(alarmCheck("a"), "ALARM")).to.equal(false);
    expect(healthy(alarmCheck("a", { inverted: true }), "ALARM")).to.equal(true);
  });

  it("follows insufficientDataHealthStatus while data is insufficient", () => {
    const unknown = "INSUFFICIENT_DATA";
    expect(healthy(alarmCheck("a"), unknown)).to.equal(true);
    expect(healthy(alarmCheck("a"), unknown, false)).to.equal(false);
    expect(healthy(alarmCheck("a", { inverted: true }), unknown, false)).to.equal(false);
    expect(healthy(alarmCheck("a", { whenInsufficient: "unhealthy" }), unknown, true)).to.equal(false);
    expect(healthy(alarmCheck("a", { whenInsufficient: "unhealthy", inverted: true }), unknown)).to.equal(true);
    expect(healthy(alarmCheck("a", { whenInsufficient: "healthy" }), unknown, false)).to.equal(true);
  });

  it("is healthy while it is disabled", () => {
    expect(healthy(alarmCheck("a", { disabled: true }), "ALARM")).to.equal(true);
  });

  it("counts its children against its threshold", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 6 }), fc.nat(6), (ups, threshold) => {
        const children = ups.map((_, index) => alarmCheck(`child${index}`));
        const parent = calculated(
          "parent",
          children.map(({ id }) => id),
          threshold,
        );
        const seen = {
          alarms: new Map(ups.map((up, index) => [`child${index}`, up ? ("OK" as const) : ("ALARM" as const)])),
          endpoints: new Map(),
          before: new Map(),
        };
        const checks = new Map([parent, ...children].map((check) => [check.id, check as HealthCheck]));
        expect(isHealthy("parent", checks, seen)).to.equal(ups.filter(Boolean).length >= threshold);
      }),
    );
  });
});

describe("an endpoint's standing", () => {
  it("changes only after failureThreshold consecutive different results", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1 }), fc.integer({ min: 1, max: 4 }), (outcomes, threshold) => {
        let standing: { up: boolean; differing: number } | undefined;
        for (const [index, outcome] of outcomes.entries()) {
          const before = standing?.up;
          standing = nextProbeState(standing, outcome, threshold);
          if (before === undefined || standing.up === before) continue;
          expect(outcomes.slice(index - threshold + 1, index + 1).every((seen) => seen !== before)).to.equal(true);
        }
      }),
    );
    const down = [false, false, false].reduce((standing, up) => nextProbeState(standing, up, 3), {
      up: true,
      differing: 0,
    });
    expect(down.up).to.equal(false);
  });
});

describe("failover routing", () => {
  const primary: FailoverRecord = { target: "primary", hostname: "p", healthCheckId: "a" };
  const alternate: FailoverRecord = { target: "alternate", hostname: "s" };

  it("answers with the primary while it is healthy, then the alternate, and the primary when neither is", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), (up, alternateUp, reversed) => {
        const records = reversed ? [alternate, primary] : [primary, alternate];
        const record = answeringRecord(records, ({ target }) => (target === "primary" ? up : alternateUp));
        expect(record?.target).to.equal(!up && alternateUp ? "alternate" : "primary");
      }),
    );
  });

  it("answers with what there is", () => {
    expect(answeringRecord([], () => true)).to.equal(undefined);
    expect(answeringRecord([alternate], () => true)).to.equal(alternate);
    expect(answeringRecord([alternate], () => false)).to.equal(undefined);
  });

  it("evaluates only the checks that its records depend on, including children", () => {
    const checks = new Map<string, HealthCheck>(
      [calculated("a", ["b", "c"], 1), alarmCheck("b"), alarmCheck("c"), alarmCheck("d")].map((check) => [
        check.id,
        check,
      ]),
    );
    expect([...neededChecks([primary, alternate], checks)]).to.deep.equal(["a", "b", "c"]);
  });
});
