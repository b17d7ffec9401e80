/** Tests, reviews and signatures that keep the plan true. */
import { z } from "zod";
import { cadence, cron, day, duration, id, section, text, texts, timeZone } from "./fields.ts";

export const calendarEntry = section({
  id: id("Name of the entry."),
  name: text("Name that people use."),
  kind: z.enum([
    "restore-test",
    "notification-test",
    "contact-check",
    "drill",
    "failover-test",
    "review",
    "maintenance",
  ]),
  every: cadence.describe("Longest time between two runs."),
  schedule: cron("When it is due; omitted when a job of the backups carries it out.").optional(),
  timeZone: timeZone("Time zone of the schedule.").optional(),
  carriedOutBy: z.enum(["restoreTest"]).describe("Job of the backups whose schedule counts.").optional(),
});

export const procedure = section({
  name: text("Name that people use."),
  steps: z.array(section({ id: id("Name of the step."), does: text("What is done.") })).min(1),
});

export const tests = section({
  calendar: z.array(calendarEntry).min(1),
  monthlyProcedure: procedure.describe("What the monthly test does, in order."),
  drillProcedure: procedure.describe("What a drill does, in order."),
  drillScenarios: z.array(id("A disaster that drills rehearse.")).min(1),
});

export const about = section({
  title: text("Title of the plan."),
  purpose: text("Why the plan exists."),
  scope: texts("What it covers."),
  owner: text("Who answers for it."),
  reviewEvery: cadence.describe("How often it is reviewed."),
  lastUpdated: day("When it was last changed."),
});

const signature = section({
  position: text("Who signs."),
  name: text("Who signed.").optional(),
  signedOn: day("When.").optional(),
});

const reviewPart = section({ name: text("Name of the part."), questions: texts("What is asked or done.") });

export const governance = section({
  signOff: z.array(signature).min(1).describe("Whose approval the plan needs."),
  reviewReminder: duration("How long before the plan expires its review is announced."),
  quarterlyReview: z.array(reviewPart).min(1),
  annualReview: z.array(reviewPart).min(1),
});

export const resources = section({
  documents: z.array(section({ name: text("Title."), path: text("Where it is.") })).min(1),
  access: z.array(section({ name: text("What it opens."), how: text("How to get it.") })).min(1),
});

export const glanceSubject = z.enum(["rto", "rpo", "monthly-uptime", "backup-frequency", "restore-test", "drill"]);

export const glance = z
  .array(
    section({
      shows: glanceSubject.describe("The target is derived from the plan."),
      status: text("Last known status."),
    }),
  )
  .min(1)
  .describe("The plan on one page.");

export const successFactors = texts("What makes the plan work.");
