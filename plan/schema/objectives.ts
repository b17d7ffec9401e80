/** What the business promised: recovery objectives, availability and performance. */
import { z } from "zod";
import { duration, id, percent, section, text } from "./fields.ts";
import { standbyMode } from "./services.ts";

const modeEstimate = section({
  restore: duration("Bringing the standby's data to the newest recovery point."),
  start: duration("Starting the tier's services until their probes pass."),
  verification: duration("Proving the tier right before the next one starts."),
});

/** How long each part of a recovery is expected to take until a drill has measured it. */
export const recoveryEstimate = section({
  detection: duration("From the fault until an alarm has noticed it."),
  decision: duration("From the alarm until somebody, or automation, has decided to switch."),
  modes: z.record(standbyMode, modeEstimate).describe("What differs with the way a tier waits."),
});

export const recovery = section({
  rpo: duration("Recovery point objective of the whole service."),
  rto: duration("Recovery time objective of the whole service."),
  expected: recoveryEstimate.describe("Expected parts of the recovery time; drills replace them by measured ones."),
});

export const availabilityTarget = section({
  window: z.enum(["month", "week", "day"]).describe("Span over which the target counts; a month has 30 days."),
  targetPercent: percent("Share of the window in which the service answers. Allowed downtime is derived."),
  lastReportedPercent: percent("What the last report said.").optional(),
  lastReportedFor: text("The span that the last report covers.").optional(),
});

export const performanceTarget = section({
  id: id("Name of the objective in alarms and dashboards."),
  name: text("Name that people use."),
  unit: z.enum(["milliseconds", "percent"]),
  percentile: percent("Percentile that is compared; omitted for a plain ratio.").optional(),
  target: z.number().positive().describe("Below it is green; from it on, amber."),
  redAbove: z.number().positive().describe("Above it is red."),
  lastReported: z.number().min(0).describe("What the last report said.").optional(),
});

export const availability = z.array(availabilityTarget).min(1);
export const performance = z.array(performanceTarget).min(1);
