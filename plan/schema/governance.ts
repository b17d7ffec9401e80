/** Tests, reviews and sign-off that keep the plan current. */
import { z } from "zod";
import { cadence, cron, day, duration, id, section, text, texts, timeZone } from "./fields.ts";

const calendarEntry = section({
  id: id("Identifier of the entry."),
  name: text("Display name."),
  kind: z.enum([
    "restore-test",
    "notification-test",
    "contact-check",
    "drill",
    "failover-test",
    "review",
    "maintenance",
  ]),
  every: cadence.describe("Longest interval between two runs."),
  schedule: cron("When it is due; omit if a backup job carries it out.").optional(),
  timeZone: timeZone("Time zone of the schedule.").optional(),
  carriedOutBy: z.enum(["restoreTest"]).describe("Backup job whose schedule applies.").optional(),
});

const procedure = section({
  name: text("Display name."),
  steps: z.array(section({ id: id("Identifier of the step."), does: text("Action.") })).min(1),
});

export const tests = section({
  calendar: z.array(calendarEntry).min(1),
  monthlyProcedure: procedure.describe("Steps of the monthly test, in order."),
  drillProcedure: procedure.describe("Steps of a drill, in order."),
  drillScenarios: z.array(id("A disaster scenario rehearsed by drills.")).min(1),
});

export const about = section({
  title: text("Title of the plan."),
  purpose: text("Purpose of the plan."),
  scope: texts("Scope of the plan."),
  owner: text("Owner of the plan."),
  reviewEvery: cadence.describe("Review interval."),
  lastUpdated: day("Date of the last change."),
});

const signature = section({
  position: text("Position of the signatory."),
  name: text("Name of the signatory.").optional(),
  signedOn: day("Date of the signature.").optional(),
});

const reviewPart = section({ name: text("Name of the part."), questions: texts("Questions or actions.") });

export const governance = section({
  signOff: z.array(signature).min(1).describe("Required approvals."),
  reviewReminder: duration("Lead time of the review reminder."),
  quarterlyReview: z.array(reviewPart).min(1),
  annualReview: z.array(reviewPart).min(1),
});

export const resources = section({
  documents: z.array(section({ name: text("Title."), path: text("Path.") })).min(1),
  access: z.array(section({ name: text("System or resource."), how: text("How to obtain access.") })).min(1),
});

const glanceSubject = z.enum(["rto", "rpo", "monthly-uptime", "backup-frequency", "restore-test", "drill"]);

export const glance = z
  .array(
    section({
      shows: glanceSubject.describe("Metric; its target is derived from the plan."),
      status: text("Last known status."),
    }),
  )
  .min(1)
  .describe("The plan on one page.");

export const successFactors = texts("Prerequisites for the plan to work.");
