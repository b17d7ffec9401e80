/** Objectives of the business: recovery, availability and performance. */
import { z } from "zod";
import { duration, id, percent, section, text } from "./fields.ts";
import { standbyMode } from "./services.ts";

const modeEstimate = section({
  restore: duration("Restoring the standby's data to the newest recovery point."),
  start: duration("Starting the tier's services until their probes pass."),
  verification: duration("Verifying the tier before the next one starts."),
});

/** Expected duration of each part of a recovery, until a drill has measured it. */
const recoveryEstimate = section({
  detection: duration("From the fault until an alarm fires."),
  decision: duration("From the alarm until the decision to fail over, by a person or automation."),
  modes: z.record(standbyMode, modeEstimate).describe("Durations that depend on the standby mode."),
});

export const recovery = section({
  rpo: duration("Recovery point objective of the whole service."),
  rto: duration("Recovery time objective of the whole service."),
  expected: recoveryEstimate.describe("Expected parts of the recovery time; figures measured by drills replace them."),
});

const availabilityTarget = section({
  window: z.enum(["month", "week", "day"]).describe("Window of the target; a month has 30 days."),
  targetPercent: percent("Share of the window in which the service is available; the allowed downtime is derived."),
  lastReportedPercent: percent("Value in the last report.").optional(),
  lastReportedFor: text("Period of the last report.").optional(),
});

const performanceTarget = section({
  id: id("Identifier in alarms and dashboards."),
  name: text("Display name."),
  unit: z.enum(["milliseconds", "percent"]),
  percentile: percent("Percentile to compare; omit for a ratio.").optional(),
  target: z.number().positive().describe("Green below this value, amber from it."),
  redAbove: z.number().positive().describe("Red above this value."),
  lastReported: z.number().min(0).describe("Value in the last report.").optional(),
});

export const availability = z.array(availabilityTarget).min(1);
export const performance = z.array(performanceTarget).min(1);
