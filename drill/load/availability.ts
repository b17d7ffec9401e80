/** Availability of a service as seen by its users, from the outcomes of their requests. */

export interface Attempt {
  n: number;
  /** Milliseconds since 1970. */
  sentAt: number;
  /** Milliseconds since 1970. */
  endedAt: number;
  /** Failure reason; undefined if it succeeded. */
  failure: string | undefined;
}

interface Outage {
  /** Time of the first failed request, in milliseconds since 1970. */
  firstFailureAt: number;
  /** Time of the first successful request after it; undefined if there was none. */
  firstSuccessAfterAt: number | undefined;
  /** Duration from the last success before to the first success after; until the last failure if there was none. */
  seconds: number;
}

export interface Availability {
  attempts: number;
  succeeded: number;
  /** Number of occurrences of each failure. */
  failures: Record<string, number>;
  /** Periods with failed and without successful requests. */
  outages: Outage[];
  /** Latency of successful requests; undefined if there were none. */
  latencyMilliseconds: { p50: number; p99: number; max: number } | undefined;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function latency(attempts: readonly Attempt[]): Availability["latencyMilliseconds"] {
  const times = attempts.filter((a) => a.failure === undefined).map((a) => a.endedAt - a.sentAt);
  if (times.length === 0) return undefined;
  times.sort((a, b) => a - b);
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), max: percentile(times, 1) };
}

function findOutages(byEnd: readonly Attempt[]): Outage[] {
  const outages: Outage[] = [];
  let lastSuccessAt: number | undefined;
  let open: { outage: Outage; begin: number } | undefined;
  for (const { failure, endedAt, sentAt } of byEnd) {
    if (failure !== undefined && !open) {
      const outage = { firstFailureAt: endedAt, firstSuccessAfterAt: undefined, seconds: 0 };
      open = { outage, begin: lastSuccessAt ?? sentAt };
      outages.push(outage);
    }
    if (open) open.outage.seconds = (endedAt - open.begin) / 1000;
    if (failure !== undefined) continue;
    if (open) open.outage.firstSuccessAfterAt = endedAt;
    [lastSuccessAt, open] = [endedAt, undefined];
  }
  return outages;
}

/** Summarizes attempts in any order. */
export function availability(attempts: readonly Attempt[]): Availability {
  const byEnd = [...attempts].sort((a, b) => a.endedAt - b.endedAt);
  const failures: Record<string, number> = {};
  for (const { failure } of byEnd) if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
  return {
    attempts: byEnd.length,
    succeeded: byEnd.filter(({ failure }) => failure === undefined).length,
    failures,
    outages: findOutages(byEnd),
    latencyMilliseconds: latency(byEnd),
  };
}
