/**
 * Obtains the policies' verdict on an update that is partly rejected by providers or the cluster. The engine runs stack
 * policies only in a preview without errors, so rejected resources are excluded and the rest is previewed again.
 */
import { CommandError, type EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { messageOf } from "./cannot-run.ts";
import { cleaned, collectFindings, type Collected, type PreviewFindings } from "./engine-events.ts";

export interface PreviewRound {
  /** URNs of resources to exclude, with all their dependents. */
  exclude: readonly string[];
  onEvent: (event: EngineEvent) => void;
}

/** Runs previews until one gets a verdict, or none can. */
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

/** A violation is a verdict in any case; without one, an error means that the policies did not run. */
function whyWithoutVerdict({ violations, failures }: Collected, error: unknown): string | undefined {
  if (error === undefined || (error instanceof CommandError && violations.length > 0)) return undefined;
  const reasons = error instanceof CommandError && failures.length > 0 ? failures : [cleaned(messageOf(error))];
  return `the policies did not run: ${reasons.join("; ")}`;
}
