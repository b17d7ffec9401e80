import { expect } from "chai";
import fc from "fast-check";
import { alarmRuleProblem } from "../../../providers/aws/services/alarm-rule.ts";
import { scheduleProblem } from "../../../providers/aws/services/schedule-expression.ts";

describe("schedule expressions", () => {
  it("of the three kinds are taken", () => {
    const good = [
      "rate(1 minute)",
      "rate(10 minutes)",
      "at(2030-01-31T12:00:00)",
      "cron(0 6 1 * ? *)",
      "cron(0/15 * ? * MON-FRI *)",
      "cron(30 2 L JAN,JUL ? 2030-2035)",
      "cron(0 9 ? * MON#1 *)",
    ];
    for (const expression of good) expect(scheduleProblem(expression), expression).to.equal(undefined);
  });

  it("of any other form are refused", () => {
    const bad = [
      "",
      "hourly",
      "rate(0 minutes)",
      "rate(5 weeks)",
      "at(2030-13-01T00:00:00)",
      "at(tomorrow)",
      "cron(0 6 1 * ?)",
      "cron(0 6 1 * 1 *)",
      "cron(0 6 ? * ? *)",
      "cron(60 6 1 * ? *)",
      "cron(0 24 1 * ? *)",
      "cron(0 6 1 13 ? *)",
      "cron(*/0 6 1 * ? *)",
    ];
    for (const expression of bad) expect(scheduleProblem(expression), expression).to.be.a("string");
  });
});

describe("rules of composite alarms", () => {
  it("that can be read are taken", () => {
    const good = [
      "ALARM(a)",
      'ALARM("my alarm") AND NOT (OK(b) OR INSUFFICIENT_DATA(c))',
      "TRUE",
      "AT_LEAST(2, ALARM, (a, b, c))",
    ];
    for (const rule of good) expect(alarmRuleProblem(rule), rule).to.equal(undefined);
  });

  it("that cannot are refused", () => {
    const bad = [
      "",
      "ALARM",
      "ALARM()",
      "ALARM(a) AND",
      "ALARM(a) ALARM(b)",
      "WRONG(a)",
      "(ALARM(a)",
      "a",
      "AT_LEAST(x, ALARM, (a))",
    ];
    for (const rule of bad) expect(alarmRuleProblem(rule), rule).to.be.a("string");
  });

  it("never crash the check", () => {
    const part = fc.constantFrom("ALARM", "(", ")", "a", "AND", "OR", "NOT", "TRUE", ",", "AT_LEAST", "2", '"');
    fc.assert(fc.property(fc.array(part), (parts) => void alarmRuleProblem(parts.join(" "))));
  });
});
