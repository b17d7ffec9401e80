/** Decides, as Route 53 does, whether checks are healthy and which record answers. Pure. */
import type { AlarmState } from "./alarm.ts";
import type { FailoverRecord, HealthCheck } from "./records.ts";

/** What was observed of the outside: an alarm's state, or whether an endpoint counts as up. */
export interface Observations {
  alarms: ReadonlyMap<string, AlarmState>;
  endpoints: ReadonlyMap<string, boolean>;
  /** How each check came out the last time. */
  before: ReadonlyMap<string, boolean>;
}

/** The status of one check; one that nothing is known of is healthy, as a fresh one is. */
export function isHealthy(id: string, checks: ReadonlyMap<string, HealthCheck>, seen: Observations): boolean {
  const check = checks.get(id);
  if (!check || check.disabled) return true;
  const status = ownStatus(check, checks, seen);
  return status === "last-known" ? (seen.before.get(id) ?? true) : status !== check.inverted;
}

function ownStatus(
  check: HealthCheck,
  checks: ReadonlyMap<string, HealthCheck>,
  seen: Observations,
): boolean | "last-known" {
  if (check.kind === "endpoint") return seen.endpoints.get(check.id) ?? "last-known";
  if (check.kind === "calculated")
    return check.children.filter((child) => isHealthy(child, checks, seen)).length >= check.threshold;
  const state = seen.alarms.get(check.id) ?? "INSUFFICIENT_DATA";
  if (state !== "INSUFFICIENT_DATA") return state === "OK";
  return check.whenInsufficient === "last-known" ? "last-known" : check.whenInsufficient === "healthy";
}

/** The first healthy record; the primary one where none is, since an answer is better than none. */
export function answeringRecord(
  records: readonly FailoverRecord[],
  healthy: (record: FailoverRecord) => boolean,
): FailoverRecord | undefined {
  const primary = records.find(({ target }) => target === "primary");
  const alternate = records.find(({ target }) => target === "alternate");
  return [primary, alternate].find((record) => record && healthy(record)) ?? primary;
}

/** Ids of the checks that decide about these records, children included. */
export function neededChecks(
  records: readonly FailoverRecord[],
  checks: ReadonlyMap<string, HealthCheck>,
): Set<string> {
  const needed = new Set<string>();
  const need = (id: string | undefined): void => {
    if (id === undefined || needed.has(id)) return;
    needed.add(id);
    const check = checks.get(id);
    if (check?.kind === "calculated") check.children.forEach(need);
  };
  records.forEach(({ healthCheckId }) => need(healthCheckId));
  return needed;
}
