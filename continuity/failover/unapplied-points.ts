/** Recovery points that a promotion could not apply, from its result. */
import type { FinishedJob } from "../kubernetes-jobs.ts";
import { duration } from "../duration.ts";
import * as z from "zod";

const details = z.object({
  loss: z.object({ ageSeconds: z.number(), behindSeconds: z.number() }),
  leftBehind: z.object({
    newest: z.object({ point: z.string(), snapshotAt: z.string() }).optional(),
    promotedIsThere: z.boolean(),
    points: z.array(
      z.object({
        /** `<kind> <slot>`. */
        point: z.string(),
        snapshotAt: z.string().optional(),
        reason: z.string(),
        /** Marked as suspicious when exported, and not accepted. */
        suspicious: z.boolean().optional(),
      }),
    ),
  }),
  catchUp: z.object({ problems: z.array(z.string()) }),
});

export interface UnappliedPointsReport {
  /** Seconds from the promoted recovery point's snapshot to the start of the promotion. */
  ageSeconds: number;
  /** Seconds from the promoted recovery point's snapshot to that of the newest one in the bucket. */
  behindSeconds: number;
  /** Recovery points in the bucket newer than the promoted one, newest first. */
  points: z.infer<typeof details>["leftBehind"]["points"];
  /** Why the last import ended before the newest recovery point, and other findings. */
  problems: string[];
}

export function unappliedPointsOf({ result, name }: FinishedJob): UnappliedPointsReport | undefined {
  if (result?.outcome === "skipped") return undefined; // already promoted
  const parsed = details.safeParse(result);
  if (parsed.success) {
    const { loss, leftBehind, catchUp } = parsed.data;
    const vanished = leftBehind.promotedIsThere ? [] : ["the promoted recovery point was removed from the bucket"];
    return { ...loss, points: leftBehind.points, problems: [...catchUp.problems, ...vanished] };
  }
  // Traffic has been switched: missing details are reported but undo nothing.
  const missing = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  const problem = `job ${name} did not report which recovery points it left behind (${missing.join("; ")})`;
  return { ageSeconds: Number.NaN, behindSeconds: Number.NaN, points: [], problems: [problem] };
}

const shownPoints = 10;

/** Summary lines of a failover; empty if everything was applied. */
export function describeUnappliedPoints(report: UnappliedPointsReport | undefined): string {
  if (!report) return "";
  const { behindSeconds, points, problems } = report;
  const behind = behindSeconds > 0 ? `, up to ${duration(behindSeconds)} of writing` : "";
  const held = points.filter(({ suspicious }) => suspicious).length;
  const lines = [
    ...problems.map((problem) => `The last import: ${problem}.`),
    ...(points.length === 0 ? [] : [`Left behind: ${points.length} newer recovery point(s)${behind}.`]),
    ...points.slice(0, shownPoints).map(({ point, reason }) => `  - ${point}: ${reason}`),
    ...(points.length > shownPoints ? [`  - and ${points.length - shownPoints} more`] : []),
    ...(held === 0 ? [] : [`${held} of them suspicious: decide with \`continuity points accept\` or \`reject\`.`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
