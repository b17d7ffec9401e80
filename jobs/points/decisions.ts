/** Operator decisions about suspicious recovery points. One decision covers an unbroken series and is written once. */
import * as z from "zod";
import { bucketKeys } from "../../contract/index.ts";
import { messageOf } from "../result.ts";
import { isPassing } from "./failures.ts";
import type { Suspicion } from "./manifest.ts";
import type { ReadableObjects } from "./objects.ts";

const decision = z.object({
  /** `accept`: the recovery points are as intended and are followed. `reject`: they are never used. */
  decision: z.enum(["accept", "reject"]),
  /** Who decided. */
  by: z.string().min(1),
  at: z.iso.datetime(),
  reason: z.string().min(1),
});

export type Decision = z.infer<typeof decision>;

/** Decision about a recovery point; undefined: not suspicious. */
export type Mark = "undecided" | "accepted" | "rejected";

/** Not suspicious, or accepted after review. */
export const trusted = (mark: Mark | undefined): boolean => mark === undefined || mark === "accepted";

/** Restorable; a decision may still be pending. */
export const restorable = (mark: Mark | undefined): boolean => mark !== "rejected";

/** The decision is unreadable; it counts as none until it is repaired. */
class DecisionError extends Error {}

/** Key of the decision about a series; `since` is `<kind> <slot>` of its first recovery point. */
export const decisionKey = (since: string): string => `${bucketKeys.decisionsPrefix}${since.replace(" ", "-")}.json`;

/**
 * Undefined: no decision.
 * @throws DecisionError for a malformed decision
 */
export async function readDecision(store: Pick<ReadableObjects, "read">, since: string): Promise<Decision | undefined> {
  const key = decisionKey(since);
  const stored = await store.read(key);
  if (!stored) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(stored.text);
  } catch (error) {
    throw new DecisionError(`it is not JSON: ${(error as Error).message}`);
  }
  const parsed = decision.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "content"}: ${issue.message}`);
  throw new DecisionError(`it is not a valid decision: ${problems.join("; ")}`);
}

/** State of a series. */
export interface Ruling {
  mark: Mark;
  /** Undefined: none, or unreadable. */
  decision: Decision | undefined;
  /** Why the decision is unreadable; the series then counts as undecided. */
  problem: string | undefined;
}

/** The only place that turns a decision into a mark. @throws transient failures only, e.g. an unreachable bucket */
export async function readRuling(store: Pick<ReadableObjects, "read">, since: string): Promise<Ruling> {
  const undecided = { mark: "undecided", decision: undefined, problem: undefined } as const;
  try {
    const found = await readDecision(store, since);
    if (!found) return undecided;
    return { ...undecided, mark: found.decision === "accept" ? "accepted" : "rejected", decision: found };
  } catch (error) {
    if (isPassing(error)) throw error;
    return { ...undecided, problem: messageOf(error) };
  }
}

/** Why a recovery point is held back; undefined: it is not suspicious, or its series was accepted. */
export async function whyHeld(
  store: Pick<ReadableObjects, "read">,
  suspicious: Pick<Suspicion, "since" | "reasons"> | undefined,
): Promise<string | undefined> {
  if (!suspicious) return undefined;
  const { since, reasons } = suspicious;
  const { mark, decision: found, problem } = await readRuling(store, since);
  if (trusted(mark)) return undefined;
  const why = `suspicious since ${since} (${reasons.join("; ")})`;
  if (problem !== undefined) return `${why}, and the decision in ${decisionKey(since)} is unreadable: ${problem}`;
  if (!found) return `${why}, awaiting a decision`;
  return `${why}, rejected by ${found.by} at ${found.at}: ${found.reason}`;
}
