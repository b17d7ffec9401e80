/** Metric alarms and composite alarms. */
import type {
  CloudWatch,
  MetricAlarm,
  PutCompositeAlarmCommandInput,
  PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { cloudwatch } from "../clients.ts";
import {
  flag,
  fromSdk,
  fromTagList,
  needed,
  number,
  object,
  objects,
  tagChanges,
  tagList,
  tagsOf,
  text,
  texts,
} from "../inputs.ts";
import type { ResourceType } from "../resource-type.ts";
import type { CheckFailure } from "../../provider.ts";
import { defined, isObject, unknown, type Json, type Properties } from "../../values.ts";
import { arns, bounds, oneOf } from "../rules.ts";
import { alarmRuleProblem } from "./alarm-rule.ts";

const operators = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
  "LessThanLowerOrGreaterThanUpperThreshold",
  "LessThanLowerThreshold",
  "GreaterThanUpperThreshold",
];
const missingData = ["breaching", "notBreaching", "ignore", "missing"];
const statistics = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"];
const daySeconds = 86_400;

function metricAlarmProblems(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string): void => void failures.push({ property, reason });
  failures.push(
    ...oneOf(inputs, "comparisonOperator", operators),
    ...oneOf(inputs, "treatMissingData", missingData),
    ...oneOf(inputs, "statistic", statistics),
    ...["evaluationPeriods", "datapointsToAlarm"].flatMap((property) => bounds(inputs, property, { least: 1 })),
    ...actionProblems(inputs),
  );
  if (inputs.evaluationCriteria === undefined) {
    for (const property of ["comparisonOperator", "evaluationPeriods"])
      if (inputs[property] === undefined) refuse(property, `${property} is required`);
    if ((inputs.metricName === undefined) === (inputs.metricQueries === undefined))
      refuse("metricName", "exactly one of metricName and metricQueries is required");
  }
  if (inputs.metricName !== undefined) failures.push(...singleMetricProblems(inputs));
  return failures;
}

const actionProblems = (inputs: Properties): CheckFailure[] =>
  ["alarmActions", "okActions", "insufficientDataActions"].flatMap((property) => arns(inputs, property));

function singleMetricProblems(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string): void => void failures.push({ property, reason });
  if ((inputs.statistic === undefined) === (inputs.extendedStatistic === undefined))
    refuse("statistic", "exactly one of statistic and extendedStatistic is required with metricName");
  for (const property of ["namespace", "period"])
    if (inputs[property] === undefined) refuse(property, `${property} is required with metricName`);
  if (inputs.threshold === undefined && inputs.thresholdMetricId === undefined)
    refuse("threshold", "threshold is required with metricName");
  const period = number(inputs, "period");
  if (period !== undefined && ![10, 20, 30].includes(period) && (period < 60 || period % 60 !== 0))
    refuse("period", `is ${period} s, but must be 10, 20, 30 or a multiple of 60`);
  const periods = inputs.evaluationPeriods === unknown ? undefined : (number(inputs, "evaluationPeriods") ?? 1);
  const longest = (period ?? 0) >= 3600 ? 7 * daySeconds : daySeconds;
  if (periods !== undefined && periods * (period ?? 0) > longest)
    refuse(
      "evaluationPeriods",
      `times the period of ${period} s is ${periods * (period ?? 0)} s, but must not exceed ${longest} s`,
    );
  const datapoints = number(inputs, "datapointsToAlarm");
  if (datapoints !== undefined && periods !== undefined && datapoints > periods)
    refuse("datapointsToAlarm", `is ${datapoints}, but there are ${periods} evaluation periods`);
  return failures;
}

const dimensions = (properties: Properties) =>
  Object.entries(tagsOf(properties, "dimensions")).map(([Name, Value]) => ({ Name, Value }));

function query(wanted: Properties) {
  const metric = object(wanted, "metric");
  const stat = metric && {
    Metric: {
      MetricName: text(metric, "metricName"),
      Namespace: text(metric, "namespace"),
      Dimensions: dimensions(metric),
    },
    Period: number(metric, "period"),
    Stat: text(metric, "stat"),
    Unit: text(metric, "unit"),
  };
  return {
    Id: text(wanted, "id"),
    AccountId: text(wanted, "accountId"),
    Expression: text(wanted, "expression"),
    Label: text(wanted, "label"),
    Period: number(wanted, "period"),
    ReturnData: flag(wanted, "returnData") ?? false,
    MetricStat: stat,
  };
}

const actions = (inputs: Properties) => ({
  ActionsEnabled: flag(inputs, "actionsEnabled") ?? true,
  AlarmActions: texts(inputs, "alarmActions"),
  OKActions: texts(inputs, "okActions"),
  InsufficientDataActions: texts(inputs, "insufficientDataActions"),
});

/** PutMetricAlarm replaces the whole alarm. */
function wholeAlarm(inputs: Properties): PutMetricAlarmCommandInput {
  const queries = objects(inputs, "metricQueries");
  const wanted = {
    AlarmName: needed(inputs, "name"),
    AlarmDescription: text(inputs, "alarmDescription"),
    ComparisonOperator: text(inputs, "comparisonOperator"),
    DatapointsToAlarm: number(inputs, "datapointsToAlarm"),
    EvaluateLowSampleCountPercentile: text(inputs, "evaluateLowSampleCountPercentiles"),
    EvaluationPeriods: number(inputs, "evaluationPeriods"),
    ExtendedStatistic: text(inputs, "extendedStatistic"),
    MetricName: text(inputs, "metricName"),
    Namespace: text(inputs, "namespace"),
    Period: number(inputs, "period"),
    Statistic: text(inputs, "statistic"),
    Threshold: number(inputs, "threshold"),
    ThresholdMetricId: text(inputs, "thresholdMetricId"),
    TreatMissingData: text(inputs, "treatMissingData") ?? "missing",
    Unit: text(inputs, "unit"),
    ...actions(inputs),
    ...(queries.length > 0 ? { Metrics: queries.map(query) } : { Dimensions: dimensions(inputs) }),
  };
  return wanted as PutMetricAlarmCommandInput;
}

const arnOf = (region: string, accountId: string, name: string): string =>
  `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;

async function tagAlarm(
  client: CloudWatch,
  ResourceARN: string,
  inputs: Properties,
  before: Properties,
): Promise<void> {
  const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
  if (remove.length > 0) await client.untagResource({ ResourceARN, TagKeys: remove });
  if (Object.keys(set).length > 0) await client.tagResource({ ResourceARN, Tags: tagList(set) });
}

const metricAlarm: ResourceType = {
  token: "aws:cloudwatch/metricAlarm:MetricAlarm",
  immutable: ["name"],
  naming: { property: "name", maxLength: 255 },
  defaults: { actionsEnabled: true, treatMissingData: "missing" },
  problems: metricAlarmProblems,
  async create(aws, inputs) {
    const client = await aws.client(cloudwatch);
    const name = needed(inputs, "name");
    await client.putMetricAlarm({ ...wholeAlarm(inputs), Tags: tagList(tagsOf(inputs)) });
    return {
      id: name,
      outputs: { arn: arnOf(aws.region, aws.accountId, name), evaluateLowSampleCountPercentiles: "" },
    };
  },
  async read(aws, id, known) {
    const client = await aws.client(cloudwatch);
    const { MetricAlarms: [found] = [] } = await client.describeAlarms({
      AlarmNames: [id],
      AlarmTypes: ["MetricAlarm"],
    });
    if (!found) return undefined;
    const { Tags } = await client.listTagsForResource({ ResourceARN: found.AlarmArn });
    return { ...fromAlarm(found, known), tagsAll: fromTagList(Tags) };
  },
  async update(aws, _id, inputs, before) {
    const client = await aws.client(cloudwatch);
    await client.putMetricAlarm(wholeAlarm(inputs));
    await tagAlarm(client, needed(before, "arn"), inputs, before);
  },
  async delete(aws, id) {
    await (await aws.client(cloudwatch)).deleteAlarms({ AlarmNames: [id] });
  },
};

function fromAlarm(found: MetricAlarm, known: Properties): Properties {
  const single = known.metricQueries === undefined;
  const map = Object.fromEntries((found.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]));
  return defined({
    actionsEnabled: found.ActionsEnabled,
    alarmActions: found.AlarmActions ?? [],
    alarmDescription: found.AlarmDescription,
    arn: found.AlarmArn,
    comparisonOperator: found.ComparisonOperator,
    datapointsToAlarm: found.DatapointsToAlarm,
    evaluationPeriods: found.EvaluationPeriods,
    insufficientDataActions: found.InsufficientDataActions ?? [],
    name: found.AlarmName,
    okActions: found.OKActions ?? [],
    threshold: found.Threshold,
    treatMissingData: found.TreatMissingData ?? "missing",
    // The emulator returns these also for alarms on expressions.
    ...(single
      ? {
          dimensions: map,
          extendedStatistic: found.ExtendedStatistic,
          metricName: found.MetricName,
          namespace: found.Namespace,
          period: found.Period,
          statistic: found.ExtendedStatistic === undefined ? found.Statistic : undefined,
          unit: found.Unit,
        }
      : found.Metrics && { metricQueries: found.Metrics.map((metric) => fromQuery(metric)) }),
  });
}

function fromQuery(found: NonNullable<MetricAlarm["Metrics"]>[number]): Json {
  const { MetricStat, ...rest } = found;
  const plain = fromSdk(rest);
  if (!MetricStat || !isObject(plain)) return plain;
  const { Metric, ...stat } = MetricStat;
  const map = Object.fromEntries((Metric?.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]));
  const metric = fromSdk({ ...stat, metricName: Metric?.MetricName, namespace: Metric?.Namespace });
  return { ...plain, metric: { ...(metric as Properties), dimensions: map } };
}

function wholeComposite(inputs: Properties): PutCompositeAlarmCommandInput {
  const suppressor = object(inputs, "actionsSuppressor");
  return {
    AlarmName: needed(inputs, "alarmName"),
    AlarmDescription: text(inputs, "alarmDescription"),
    AlarmRule: needed(inputs, "alarmRule"),
    ...actions(inputs),
    ActionsSuppressor: text(suppressor, "alarm"),
    ActionsSuppressorExtensionPeriod: number(suppressor, "extensionPeriod"),
    ActionsSuppressorWaitPeriod: number(suppressor, "waitPeriod"),
  };
}

const compositeAlarm: ResourceType = {
  token: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  immutable: ["alarmName", "actionsEnabled"],
  defaults: { actionsEnabled: true },
  problems: (inputs) => {
    const rule = text(inputs, "alarmRule");
    const reason = rule === undefined ? undefined : alarmRuleProblem(rule);
    return [...(reason === undefined ? [] : [{ property: "alarmRule", reason }]), ...actionProblems(inputs)];
  },
  async create(aws, inputs) {
    const name = needed(inputs, "alarmName");
    await (
      await aws.client(cloudwatch)
    ).putCompositeAlarm({ ...wholeComposite(inputs), Tags: tagList(tagsOf(inputs)) });
    return { id: name, outputs: { arn: arnOf(aws.region, aws.accountId, name) } };
  },
  async read(aws, id) {
    const client = await aws.client(cloudwatch);
    const { CompositeAlarms: [found] = [] } = await client.describeAlarms({
      AlarmNames: [id],
      AlarmTypes: ["CompositeAlarm"],
    });
    if (!found) return undefined;
    const { Tags } = await client.listTagsForResource({ ResourceARN: found.AlarmArn });
    return defined({
      actionsEnabled: found.ActionsEnabled,
      alarmActions: found.AlarmActions ?? [],
      alarmDescription: found.AlarmDescription,
      alarmName: found.AlarmName,
      alarmRule: found.AlarmRule,
      arn: found.AlarmArn,
      insufficientDataActions: found.InsufficientDataActions ?? [],
      okActions: found.OKActions ?? [],
      tagsAll: fromTagList(Tags),
    });
  },
  async update(aws, _id, inputs, before) {
    const client = await aws.client(cloudwatch);
    await client.putCompositeAlarm(wholeComposite(inputs));
    await tagAlarm(client, needed(before, "arn"), inputs, before);
  },
  async delete(aws, id) {
    await (await aws.client(cloudwatch)).deleteAlarms({ AlarmNames: [id] });
  },
};

export const cloudwatchTypes: ResourceType[] = [metricAlarm, compositeAlarm];
