import { expect } from "chai";
import { alarm, ownMetric, type AlarmArgs } from "../../../../components/kit/alarms/index.ts";
import { regional, topology } from "../../../support/fixtures.ts";
import { only, settled, startMocks } from "../../../support/pulumi-mocks.ts";

const least: AlarmArgs = {
  description: "d",
  metric: ownMetric("OverdueJobs", topology),
  statistic: "Maximum",
  raised: "above",
  threshold: 0,
  missingData: "breaching",
};

async function inputsOf(changes: Partial<AlarmArgs>): Promise<Record<string, unknown>> {
  await startMocks();
  alarm("x", { ...least, ...changes }, {});
  await settled();
  return only("aws:cloudwatch/metricAlarm:MetricAlarm", "x").inputs;
}

describe("alarm()", () => {
  it("watches one period of a minute of a metric with the name prefix as its dimension", async () => {
    expect(await inputsOf({})).to.deep.equal({
      alarmDescription: "d",
      namespace: "VaporaContinuity",
      metricName: "OverdueJobs",
      dimensions: { Application: "shop" },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      period: 60,
      evaluationPeriods: 1,
      treatMissingData: "breaching",
    });
  });

  it("notifies its topic when it is raised and when it is over", async () => {
    const { alarmActions, okActions } = await inputsOf({ topic: "arn:topic" });
    expect([alarmActions, okActions]).to.deep.equal([["arn:topic"], ["arn:topic"]]);
  });

  const chosen: [Partial<AlarmArgs>, Record<string, unknown>][] = [
    [
      { raised: "below", threshold: 1 },
      { comparisonOperator: "LessThanThreshold", threshold: 1 },
    ],
    [
      { periodSeconds: 300, periods: 5 },
      { period: 300, evaluationPeriods: 5 },
    ],
    [
      { periods: 5, periodsToAlarm: 1 },
      { evaluationPeriods: 5, datapointsToAlarm: 1 },
    ],
    [{ missingData: "ignore" }, { treatMissingData: "ignore" }],
    [{ name: "known-by-name" }, { name: "known-by-name" }],
    [{ statistic: "Sum" }, { statistic: "Sum" }],
  ];
  for (const [change, inputs] of chosen) {
    it(`takes ${JSON.stringify(change)}`, async () => expect(await inputsOf(change)).to.include(inputs));
  }

  it("lives in the region of its provider", async () => {
    await startMocks();
    alarm("x", least, { provider: regional("alternate", topology.alternateRegion) });
    await settled();
    expect(only("aws:cloudwatch/metricAlarm:MetricAlarm", "x").provider).to.equal("alternate");
  });
});
