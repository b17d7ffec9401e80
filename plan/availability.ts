/** Downtime allowed by availability targets, and comparison of measured figures with performance limits. */
import { daySeconds } from "./duration.ts";
import type { AvailabilityTarget, PerformanceTarget, Plan } from "./schema/plan.ts";

/** Length of each window in seconds; a month counts 30 days, as is common in SLAs. */
export const windowSeconds: Readonly<Record<AvailabilityTarget["window"], number>> = {
  month: 30 * daySeconds,
  week: 7 * daySeconds,
  day: daySeconds,
};

/** Longest downtime that meets the target, to the millisecond; NaN if the target is not a percentage. */
export function allowedDowntimeSeconds(targetPercent: number, secondsOfWindow: number): number {
  if (!(targetPercent >= 0 && targetPercent <= 100 && secondsOfWindow >= 0)) return Number.NaN;
  return Math.round((100 - targetPercent) * secondsOfWindow * 10) / 1000;
}

export interface AllowedDowntime {
  readonly window: AvailabilityTarget["window"];
  readonly targetPercent: number;
  readonly seconds: number;
}

/** Allowed downtime of every availability target of the plan. */
export function planAllowedDowntime(plan: Pick<Plan, "availability">): AllowedDowntime[] {
  return plan.availability.map(({ window, targetPercent }) => ({
    window,
    targetPercent,
    seconds: allowedDowntimeSeconds(targetPercent, windowSeconds[window]),
  }));
}

/** Combined availability of components in series. */
export const availabilityInSeriesPercent = (percents: readonly number[]): number =>
  percents.reduce((product, percent) => (product * percent) / 100, 100);

export type PerformanceLevel = "green" | "amber" | "red";

/** Green below the target, red above the red limit, amber between; red if not measured. */
export function performanceLevel(
  { target, redAbove }: PerformanceTarget,
  measured: number | undefined,
): PerformanceLevel {
  if (measured === undefined || !(measured <= redAbove)) return "red";
  return measured < target ? "green" : "amber";
}
