/** How bad an incident is, who is called, and where it enters the escalation ladder. */
import { z } from "zod";
import { count, duration, id, section, text, texts } from "./fields.ts";

const usersAffected = z
  .union(
    [section({ atLeastPercent: z.number().min(0).max(100) }), section({ moreThanPercent: z.number().min(0).max(100) })],
    { error: "must be one of { atLeastPercent: … } and { moreThanPercent: … }, from 0 to 100" },
  )
  .describe("Share of users from which the level applies; the most severe level that fits wins.");

export const audienceCadence = section({
  audience: id("An audience of the communication plan."),
  every: duration("Longest time between two messages."),
});

export const activation = section({
  notify: z.array(id("A contact.")).min(1).describe("Who is told at once."),
  start: texts("What is opened or begun at once."),
  resources: texts("Who and what stands by."),
  cadences: z.array(audienceCadence).min(1).describe("How often each audience hears at this level."),
});

export const severity = section({
  level: count("1 is the worst."),
  id: id("Name in alarms and tickets."),
  name: text("Name that people use."),
  colour: z.enum(["red", "orange", "yellow", "green"]),
  criteria: texts("How to recognise the level."),
  usersAffected,
  criticalPathBroken: z.boolean().default(false).describe("True when a broken critical path alone means this level."),
  rpo: duration("Data that may be lost at this level; the overall objective applies when it is stricter.").optional(),
  rto: duration("Time to recover at this level.").optional(),
  response: text("What happens first."),
  declaresDisaster: z.boolean().default(false).describe("True when disaster recovery starts at once."),
  escalationEntry: id("Step of the escalation ladder that starts; omitted when a ticket is enough.").optional(),
  activation: activation.optional(),
});

export const severities = z.array(severity).min(1).describe("Most severe first.");
