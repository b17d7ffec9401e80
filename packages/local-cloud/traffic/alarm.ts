/** Computes a CloudWatch alarm's state from metric data; Route 53 evaluates the data stream, not the alarm's state. */

export type Comparison =
  "GreaterThanOrEqualToThreshold" | "GreaterThanThreshold" | "LessThanOrEqualToThreshold" | "LessThanThreshold";

export interface Alarm {
  periodSeconds: number;
  evaluationPeriods: number;
  /** Breaching periods among the evaluated ones for state ALARM. */
  datapointsToAlarm: number;
  threshold: number;
  comparison: Comparison;
  treatMissingData: "breaching" | "notBreaching" | "ignore" | "missing";
}

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

const compare: Record<Comparison, (value: number, threshold: number) => boolean> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

/** Starts of the periods to evaluate, newest first: the current one only once it has data. */
export function evaluatedPeriods(alarm: Alarm, values: ReadonlyMap<number, number>, nowSeconds: number): number[] {
  const running = Math.floor(nowSeconds / alarm.periodSeconds) * alarm.periodSeconds;
  const newest = values.has(running) ? running : running - alarm.periodSeconds;
  return Array.from({ length: alarm.evaluationPeriods }, (_, back) => newest - back * alarm.periodSeconds);
}

/**
 * @param values statistic of each period that has data, by the period's start in epoch seconds
 * @param before current state, which `ignore` keeps while data is missing
 */
export function alarmState(
  alarm: Alarm,
  values: ReadonlyMap<number, number>,
  nowSeconds: number,
  before: AlarmState,
): AlarmState {
  const { treatMissingData: missing } = alarm;
  const known = evaluatedPeriods(alarm, values, nowSeconds).map((start) => values.get(start));
  const isBreaching = (value: number): boolean => compare[alarm.comparison](value, alarm.threshold);
  const breaching = known.filter((value) =>
    value === undefined ? missing === "breaching" : isBreaching(value),
  ).length;
  if (breaching >= alarm.datapointsToAlarm) return "ALARM";
  if (known.some((value) => value !== undefined) || missing === "notBreaching" || missing === "breaching") return "OK";
  return missing === "ignore" ? before : "INSUFFICIENT_DATA";
}
