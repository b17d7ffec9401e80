/** Building blocks of the plan's schema; each rejects an invalid value with a rule and a remedy. */
import { z } from "zod";
import { type Duration, durationPattern, isDuration, readDuration } from "../duration.ts";
import type { Refusal } from "../problems.ts";
import { scheduleRefusal, timeZoneRefusal } from "../schedule-rules.ts";

const issue = (input: unknown, { rule, remedy }: Refusal) =>
  ({ code: "custom", input, message: rule, params: { remedy } }) as const;

/** An object in which unknown fields are errors. */
export const section = z.strictObject;

/** Text that must match a pattern, with the given rule and remedy. */
export const textOfForm = (pattern: RegExp, description: string, refusal: Refusal) =>
  z
    .string()
    .meta({ description, pattern: pattern.source })
    .superRefine((written, context) => {
      if (!pattern.test(written)) context.addIssue(issue(written, refusal));
    });

/** Text for people; must not be empty. */
export const text = (description: string) =>
  textOfForm(/\S/, description, { rule: "must not be empty", remedy: "describe it" });

/** A list of texts for people. */
export const texts = (description: string) => z.array(text("One entry.")).min(1).describe(description);

/** An identifier used by other parts of the plan and by Kubernetes objects. */
export const id = (description: string) =>
  textOfForm(/^(?=.{1,40}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, description, {
    rule: "must consist of lower-case letters, digits and single hyphens, start with a letter and have at most 40 characters",
    remedy: "use e.g. order-service",
  });

/** An ISO 8601 duration, parsed to `{ iso, seconds }`. */
export const duration = (description: string, { mayBeZero = false } = {}) =>
  z
    .string()
    .meta({ description, pattern: durationPattern.source, examples: ["PT30S", "PT15M", "PT1H", "P35D"] })
    .transform((written, context): Duration => {
      const read = readDuration(written);
      if (!isDuration(read)) context.issues.push(issue(written, read));
      else if (read.seconds > 0 || mayBeZero) return read;
      else context.issues.push(issue(written, { rule: "must be longer than zero", remedy: "use e.g. PT1M" }));
      return z.NEVER;
    });

/** A five-field cron expression accepted by Kubernetes. */
export const cron = (description: string) =>
  z
    .string()
    .meta({ description, examples: ["0 * * * *", "*/10 * * * *", "0 3 1 * *"] })
    .superRefine((written, context) => {
      const refusal = scheduleRefusal(written);
      if (refusal) context.addIssue(issue(written, refusal));
    });

/** An IANA time zone in the spelling that Kubernetes requires. */
export const timeZone = (description: string) =>
  z
    .string()
    .meta({ description, examples: ["Etc/UTC", "Europe/Berlin"] })
    .superRefine((written, context) => {
      const refusal = timeZoneRefusal(written);
      if (refusal) context.addIssue(issue(written, refusal));
    });

/** A percentage above 0 and up to 100. */
export const percent = (description: string) => z.number().gt(0).max(100).describe(description);

/** A positive integer. */
export const count = (description: string) => z.int().min(1).describe(description);

/** A date, e.g. `2026-01-12`. */
export const day = (description: string) =>
  z.iso.date({ error: "must be a calendar date such as 2026-01-12" }).describe(description);

/** Interval of tests and reviews. */
export const cadence = z.enum(["monthly", "quarterly", "annually"]);
export type Cadence = z.output<typeof cadence>;
