/**
 * The policies' verdict on an update of which a part is refused. The engine asks rules about the whole stack only in a
 * preview without an error; so what providers or the cluster refuse is left out, and the rest is previewed again.
 */
import { CommandError, type EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { messageOf } from "./cannot-run.ts";
import { cleaned, collectFindings, type Collected, type PreviewFindings } from "./engine-events.ts";

export interface PreviewRound {
  /** URNs of resources that stay as they are, with all that depends on them. */
  exclude: readonly string[];
  onEvent: (event: EngineEvent) => void;
}

/** Runs previews until one of them was judged, or none can be. */
export async function findVerdict(
  preview: (round: PreviewRound) => Promise<void>,
  signal?: AbortSignal,
): Promise<PreviewFindings> {
  const [excluded, failures] = [new Set<string>(), new Set<string>()];
  for (;;) {
    const { found, error } = await runRound(preview, [...excluded]);
    signal?.throwIfAborted();
    const before = excluded.size;
    for (const urn of found.refused) excluded.add(urn);
    for (const failure of found.failures) failures.add(failure);
    const unfinished = whyWithoutVerdict(found, error);
    const another = unfinished !== undefined && error instanceof CommandError && excluded.size > before;
    if (!another) return { violations: found.violations, failures: [...failures], unfinished };
  }
}

async function runRound(preview: (round: PreviewRound) => Promise<void>, exclude: readonly string[]) {
  const found: Collected = { violations: [], failures: [], refused: new Set() };
  try {
    await preview({ exclude, onEvent: (event) => collectFindings(event, found) });
    return { found, error: undefined };
  } catch (error) {
    return { found, error };
  }
}

/** A violation is a verdict, whatever else is wrong; without one, an error means that the rules were not asked. */
function whyWithoutVerdict({ violations, failures }: Collected, error: unknown): string | undefined {
  if (error === undefined || (error instanceof CommandError && violations.length > 0)) return undefined;
  const reasons = error instanceof CommandError && failures.length > 0 ? failures : [cleaned(messageOf(error))];
  return `no policy was asked: ${reasons.join("; ")}`;
}
