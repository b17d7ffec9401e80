/** Operator decisions about suspicious recovery points. One decision covers an unbroken series and is written once. */
import * as z from "zod";
import { bucketKeys } from "../../contract/index.ts";
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

/** The decision is unreadable; it counts as none until it is repaired. */
export class DecisionError extends Error {}

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
