/** Building blocks of the plan's schema: each refuses a wrong value with a rule and a remedy. */
import { z } from "zod";
import { type Duration, durationPattern, isDuration, readDuration } from "../duration.ts";
import type { Refusal } from "../problems.ts";
import { scheduleRefusal, timeZoneRefusal } from "../schedule-rules.ts";

const issue = (input: unknown, { rule, remedy }: Refusal) =>
  ({ code: "custom", input, message: rule, params: { remedy } }) as const;

/** An object in which a misspelt field is a problem, never silently ignored. */
export const section = z.strictObject;

/** Text of a form that is named where it is refused. */
export const textOfForm = (pattern: RegExp, description: string, refusal: Refusal) =>
  z
    .string()
    .meta({ description, pattern: pattern.source })
    .superRefine((written, context) => {
      if (!pattern.test(written)) context.addIssue(issue(written, refusal));
    });

/** Words for people; never empty. */
export const text = (description: string) =>
  textOfForm(/\S/, description, { rule: "must not be empty", remedy: "write what it is for people" });

/** Several sentences or entries for people. */
export const texts = (description: string) => z.array(text("One entry.")).min(1).describe(description);

/** A name that other parts of the plan and Kubernetes objects refer to. */
export const id = (description: string) =>
  textOfForm(/^(?=.{1,40}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, description, {
    rule: "must be lower-case letters, digits and single hyphens, beginning with a letter, at most 40 characters",
    remedy: "write e.g. order-service",
  });

/** An ISO 8601 duration, read as `{ iso, seconds }`. */
export const duration = (description: string, { mayBeZero = false } = {}) =>
  z
    .string()
    .meta({ description, pattern: durationPattern.source, examples: ["PT30S", "PT15M", "PT1H", "P35D"] })
    .transform((written, context): Duration => {
      const read = readDuration(written);
      if (!isDuration(read)) context.issues.push(issue(written, read));
      else if (read.seconds > 0 || mayBeZero) return read;
      else context.issues.push(issue(written, { rule: "must be longer than nothing", remedy: "write e.g. PT1M" }));
      return z.NEVER;
    });

/** A five-field cron expression that Kubernetes accepts. */
export const cron = (description: string) =>
  z
    .string()
    .meta({ description, examples: ["0 * * * *", "*/10 * * * *", "0 3 1 * *"] })
    .superRefine((written, context) => {
      const refusal = scheduleRefusal(written);
      if (refusal) context.addIssue(issue(written, refusal));
    });

/** An IANA time zone, spelt as Kubernetes needs it. */
export const timeZone = (description: string) =>
  z
    .string()
    .meta({ description, examples: ["Etc/UTC", "Europe/Berlin"] })
    .superRefine((written, context) => {
      const refusal = timeZoneRefusal(written);
      if (refusal) context.addIssue(issue(written, refusal));
    });

/** Above 0 and at most 100. */
export const percent = (description: string) => z.number().gt(0).max(100).describe(description);

/** A counted number of something. */
export const count = (description: string) => z.int().min(1).describe(description);

/** A day, e.g. `2026-01-12`. */
export const day = (description: string) =>
  z.iso.date({ error: "must be a day of the calendar such as 2026-01-12" }).describe(description);

/** How often the plan's tests and reviews come due. */
export const cadence = z.enum(["monthly", "quarterly", "annually"]);
export type Cadence = z.output<typeof cadence>;
