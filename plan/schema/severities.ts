/** Severity levels: criteria, activation, and entry into the escalation ladder. */
import { z } from "zod";
import { count, duration, id, section, text, texts } from "./fields.ts";

const usersAffected = z
  .union(
    [section({ atLeastPercent: z.number().min(0).max(100) }), section({ moreThanPercent: z.number().min(0).max(100) })],
    { error: "must be one of { atLeastPercent: … } and { moreThanPercent: … }, from 0 to 100" },
  )
  .describe("Share of users from which the level applies; the most severe matching level applies.");

const audienceCadence = section({
  audience: id("An audience of the communication plan."),
  every: duration("Longest interval between two messages."),
});

const activation = section({
  notify: z.array(id("A contact.")).min(1).describe("Contacts to notify immediately."),
  start: texts("Activities to start immediately."),
  resources: texts("Resources on standby."),
  cadences: z.array(audienceCadence).min(1).describe("Communication cadence per audience at this level."),
});

const severity = section({
  level: count("1 is the most severe."),
  id: id("Identifier in alarms and tickets."),
  name: text("Display name."),
  colour: z.enum(["red", "orange", "yellow", "green"]),
  criteria: texts("Criteria of the level."),
  usersAffected,
  criticalPathBroken: z
    .boolean()
    .default(false)
    .describe("Whether a broken critical path alone qualifies for this level."),
  rpo: duration("Recovery point objective at this level; the overall objective applies if stricter.").optional(),
  rto: duration("Recovery time objective at this level.").optional(),
  response: text("First response."),
  declaresDisaster: z.boolean().default(false).describe("Whether disaster recovery starts immediately."),
  escalationEntry: id("First step of the escalation ladder; omit if a ticket suffices.").optional(),
  activation: activation.optional(),
});

export const severities = z.array(severity).min(1).describe("Most severe first.");
