/** What a promotion says about the points that it could not take along. */
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
        /** It looked wrong when it was exported, and nobody has accepted it. */
        suspicious: z.boolean().optional(),
      }),
    ),
  }),
  catchUp: z.object({ problems: z.array(z.string()) }),
});

export interface LeftBehindReport {
  /** Seconds from the promoted point's snapshot to the start of the promotion. */
  ageSeconds: number;
  /** Seconds from the promoted point's snapshot to that of the newest point in the bucket. */
  behindSeconds: number;
  /** Points of the bucket that are newer than the promoted one, newest first. */
  points: z.infer<typeof details>["leftBehind"]["points"];
  /** Why the last import ended before the newest point, and what else was found. */
  problems: string[];
}

export function leftBehindOf({ result, name }: FinishedJob): LeftBehindReport | undefined {
  if (result?.outcome === "skipped") return undefined; // done earlier
  const parsed = details.safeParse(result);
  if (parsed.success) {
    const { loss, leftBehind, catchUp } = parsed.data;
    const vanished = leftBehind.promotedIsThere ? [] : ["the bucket has the promoted point no more"];
    return { ...loss, points: leftBehind.points, problems: [...catchUp.problems, ...vanished] };
  }
  // Traffic is moved by now: what is missing in the account is told, and undoes nothing.
  const missing = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  const problem = `job ${name} does not account for what it left behind (${missing.join("; ")})`;
  return { ageSeconds: Number.NaN, behindSeconds: Number.NaN, points: [], problems: [problem] };
}

const shownPoints = 10;

/** Lines for the end of a failover; empty where everything was taken along. */
export function describeLeftBehind(report: LeftBehindReport | undefined): string {
  if (!report) return "";
  const { behindSeconds, points, problems } = report;
  const behind = behindSeconds > 0 ? `, up to ${duration(behindSeconds)} of writing` : "";
  const held = points.filter(({ suspicious }) => suspicious).length;
  const lines = [
    ...problems.map((problem) => `The last import: ${problem}.`),
    ...(points.length === 0 ? [] : [`Left behind: ${points.length} newer recovery point(s)${behind}.`]),
    ...points.slice(0, shownPoints).map(({ point, reason }) => `  - ${point}: ${reason}`),
    ...(points.length > shownPoints ? [`  - and ${points.length - shownPoints} more`] : []),
    ...(held === 0
      ? []
      : [`${held} of them look(s) suspicious: decide with \`continuity points accept\` or \`reject\`.`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
