/** Services, their criticality and their order of recovery. */
import { z } from "zod";
import { count, duration, id, section, text } from "./fields.ts";

/** Standby mode of a tier in the alternate region: running with current data, or deployed and scaled to zero. */
export const standbyMode = z.enum(["warm-standby", "pilot-light"]);

const service = section({
  id: id("Identifier of the service in Kubernetes, images and metrics."),
  name: text("Display name."),
  description: text("What the service provides to users."),
  needs: z
    .array(id("A service."))
    .default([])
    .describe("Services that must be running before this one; it may connect to no others."),
  holdsData: z
    .boolean()
    .default(false)
    .describe("Whether recovery points contain this service's data; exactly one service has it."),
  takesTraffic: z
    .boolean()
    .default(false)
    .describe("Whether the service receives the site's traffic; exactly one service does."),
});

const tier = section({
  tier: count("1 is the most critical."),
  name: text("Display name."),
  rto: duration("Recovery time objective: longest time from the fault until all services of the tier are back."),
  rpo: duration("Recovery point objective: maximum loss of recent data, as a duration."),
  standby: standbyMode.describe("Standby mode of the tier in the alternate region."),
  services: z.array(service).min(1).describe("Every service belongs to exactly one tier."),
});

const recoveryStep = section({
  order: count("Consecutive number across all phases."),
  capability: text("Restored capability of users or operators."),
  services: z.array(id("A service.")).min(1).describe("Services that restore the capability."),
});

const recoveryPhase = section({
  phase: count("Consecutive number; phases follow each other without gaps."),
  from: duration("Start of the phase, counted from the fault.", { mayBeZero: true }),
  within: duration("End of the phase, counted from the fault."),
  steps: z.array(recoveryStep).min(1),
});

export const tiers = z.array(tier).min(1).describe("Criticality of each service.");
export const recoveryPhases = z.array(recoveryPhase).min(1).describe("Order of recovery, most urgent first.");
