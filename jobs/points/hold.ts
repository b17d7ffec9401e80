/** Whether a recovery point is held back because it looked wrong when it was exported. */
import { DecisionError, decisionKey, readDecision, type Decision } from "./decisions.ts";
import { messageOf } from "../result.ts";
import { isPassing } from "./failures.ts";
import type { Suspicion } from "./manifest.ts";
import type { ReadableObjects } from "./objects.ts";

/** Why a point is held back; undefined: nothing looked wrong, or somebody accepted the series. */
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
    return `${why}, and the decision in ${decisionKey(since)} cannot be read: ${messageOf(error)}`;
  }
  if (!decision) return `${why}, and nobody has decided about it`;
  const { decision: decided, by, at, reason } = decision;
  return decided === "accept" ? undefined : `${why}, and ${by} rejected it at ${at}: ${reason}`;
}
