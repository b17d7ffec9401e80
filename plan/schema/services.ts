/** What the business runs, how much each part matters, and in which order it comes back. */
import { z } from "zod";
import { count, duration, id, section, text } from "./fields.ts";

/** How a tier waits in the alternate region: running and in step with the data, or deployed but scaled to nothing. */
export const standbyMode = z.enum(["warm-standby", "pilot-light"]);

export const service = section({
  id: id("Name of the service in Kubernetes, images and metrics."),
  name: text("Name that people use."),
  description: text("What users lose without it."),
  needs: z.array(id("A service.")).default([]).describe("Services that must run before this one can."),
  holdsData: z.boolean().default(false).describe("True for the one service whose data recovery points hold."),
  takesTraffic: z.boolean().default(false).describe("True for the one service that receives a site's traffic."),
});

export const tier = section({
  tier: count("1 is the most critical."),
  name: text("Name that people use."),
  rto: duration("Recovery time objective: how long after the fault the tier's last service is back at the latest."),
  rpo: duration("Recovery point objective: how much of the newest data may be lost at most."),
  standby: standbyMode.describe("How the tier waits in the alternate region."),
  services: z.array(service).min(1).describe("Every service belongs to exactly one tier."),
});

export const recoveryStep = section({
  order: count("Counts through all phases."),
  capability: text("What users or operators can do again."),
  services: z.array(id("A service.")).min(1).describe("Services that bring the capability back."),
});

export const recoveryPhase = section({
  phase: count("Phases follow each other without a gap."),
  from: duration("When the phase begins, counted from the fault.", { mayBeZero: true }),
  within: duration("When the phase is complete, counted from the fault as well."),
  steps: z.array(recoveryStep).min(1),
});

export const tiers = z.array(tier).min(1).describe("How critical each service is.");
export const recoveryPhases = z.array(recoveryPhase).min(1).describe("What comes back when, most urgent first.");
