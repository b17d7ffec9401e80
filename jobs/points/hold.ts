/** Whether a suspicious recovery point is held back. */
import { DecisionError, decisionKey, readDecision, type Decision } from "./decisions.ts";
import { messageOf } from "../result.ts";
import { isPassing } from "./failures.ts";
import type { Suspicion } from "./manifest.ts";
import type { ReadableObjects } from "./objects.ts";

/** Why a recovery point is held back; undefined: it is not suspicious, or its series was accepted. */
export async function whyHeld(
  store: Pick<ReadableObjects, "read">,
  suspicious: Pick<Suspicion, "since" | "reasons"> | undefined,
): Promise<string | undefined> {
  if (!suspicious) return undefined;
  const { since, reasons } = suspicious;
  const why = `suspicious since ${since} (${reasons.join("; ")})`;
  let decision: Decision | undefined;
  try {
    decision = await readDecision(store, since);
  } catch (error) {
    if (!(error instanceof DecisionError) && isPassing(error)) throw error;
    return `${why}, and the decision in ${decisionKey(since)} is unreadable: ${messageOf(error)}`;
  }
  if (!decision) return `${why}, awaiting a decision`;
  const { decision: decided, by, at, reason } = decision;
  return decided === "accept" ? undefined : `${why}, rejected by ${by} at ${at}: ${reason}`;
}
