import { expect } from "chai";
import { recoveryPointAlarms } from "../../../components/site/recovery-point-alarms.ts";
import { plan, regional, topology } from "../../support/fixtures.ts";
import { only, settled, startMocks } from "../../support/pulumi-mocks.ts";

const alarm = (name: string) => only("aws:cloudwatch/metricAlarm:MetricAlarm", name);

describe("alarms for recovery points", () => {
  before(async () => {
    await startMocks();
    const provider = regional("alternate", "eu-central-1");
    recoveryPointAlarms("alternate", { topology, backups: plan.backups, alarmTopic: "arn:topic" }, { provider });
    await settled();
  });

  for (const [name, metricName] of [
    ["alternate-refused", "RefusedRecoveryPoints"],
    ["alternate-suspicious", "SuspiciousRecoveryPoints"],
  ] as const) {
    it(`raise one as soon as ${metricName} is above zero, and not without data`, () => {
      expect(alarm(name).inputs).to.include({
        namespace: "VaporaContinuity",
        metricName,
        statistic: "Maximum",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        datapointsToAlarm: 1,
        treatMissingData: "notBreaching",
      });
      expect(alarm(name).inputs["dimensions"]).to.deep.equal({ Application: "shop" });
      expect(alarm(name).inputs["alarmActions"]).to.deep.equal(["arn:topic"]);
      expect(alarm(name).inputs["okActions"]).to.deep.equal(["arn:topic"]);
    });

    it(`raise that of ${metricName} within five minutes of the first finding`, () => {
      const { period, datapointsToAlarm } = alarm(name).inputs as { period: number; datapointsToAlarm: number };
      expect(period * datapointsToAlarm).to.equal(300);
    });

    it(`keep that of ${metricName} between two exports of an active site`, () => {
      const { period, evaluationPeriods } = alarm(name).inputs as { period: number; evaluationPeriods: number };
      const { startDeadline, runTimeLimit } = plan.backups.changeExport;
      expect(period * (evaluationPeriods - 1)).to.be.at.least(600 + startDeadline.seconds + runTimeLimit.seconds);
      expect(period * evaluationPeriods).to.be.at.most(86_400);
    });
  }

  it("say what to do: who wrote a refused point, and how to decide about a suspicious one", () => {
    expect(alarm("alternate-refused").inputs["alarmDescription"]).to.contain("Find out who wrote them");
    expect(alarm("alternate-suspicious").inputs["alarmDescription"]).to.contain("accept or reject it");
  });
});
