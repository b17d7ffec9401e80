/** Evaluates health checks and failover records as Route 53 does. Pure functions. */
import type { AlarmState } from "./alarm.ts";
import type { FailoverRecord, HealthCheck } from "./records.ts";

/** Observed states of alarms and endpoints, by health check id. */
export interface Observations {
  alarms: ReadonlyMap<string, AlarmState>;
  endpoints: ReadonlyMap<string, boolean>;
  /** Result of each check's last evaluation. */
  before: ReadonlyMap<string, boolean>;
}

/** Whether a check is healthy; unknown and new checks are. */
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

/** The first healthy record; the primary if none is healthy, as in Route 53. */
export function answeringRecord(
  records: readonly FailoverRecord[],
  healthy: (record: FailoverRecord) => boolean,
): FailoverRecord | undefined {
  const primary = records.find(({ target }) => target === "primary");
  const alternate = records.find(({ target }) => target === "alternate");
  return [primary, alternate].find((record) => record && healthy(record)) ?? primary;
}

/** Ids of the checks that these records depend on, including child checks. */
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
