/** Tiers, services and recovery phases are consistent. */
import { formatSeconds } from "../duration.ts";
import type { Finding } from "../problems.ts";
import type { Plan, RecoveryPhase } from "../schema/plan.ts";
import { check, finding, outOfOrder, placed, unknownNames } from "./check.ts";

type Tiers = Pick<Plan, "tiers">;
type Phased = Pick<Plan, "tiers" | "recoveryPhases">;

const knownServices = (plan: Tiers) => new Set(placed(plan).map(({ service }) => service.id));

export const tiersAreConsecutive = check(["tiers"], ({ tiers }) =>
  outOfOrder(
    ["tiers"],
    tiers.map(({ tier }) => tier),
    "tier",
  ),
);

export const oneTierPerService = check(["tiers"], function* (plan) {
  const homes = new Map<string, number>();
  for (const { service, tier, path } of placed(plan)) {
    const home = homes.get(service.id);
    if (home === undefined) homes.set(service.id, tier.tier);
    else yield finding([...path, "id"], `the service is already in tier ${home}`, "keep it in one tier only");
  }
});

export const laterTiersMayTakeLonger = check(["tiers"], function* ({ tiers }) {
  for (const [index, tier] of tiers.entries()) {
    const before = tiers[index - 1];
    if (before && tier.rto.seconds < before.rto.seconds) {
      yield finding(
        ["tiers", index, "rto"],
        `tier ${before.tier} is more critical, but has an RTO of ${before.rto.iso}`,
        `use at least ${before.rto.iso}`,
      );
    }
  }
});

export const needsAreDefined = check(["tiers"], function* (plan) {
  const tierOf = new Map(placed(plan).map(({ service, tier }) => [service.id, tier.tier]));
  for (const { service, tier, path } of placed(plan)) {
    yield* unknownNames([...path, "needs"], service.needs, knownServices(plan), "service");
    for (const [index, need] of service.needs.entries()) {
      if ((tierOf.get(need) ?? 0) > tier.tier) {
        yield finding(
          [...path, "needs", index],
          "a service cannot recover before its dependency, which is in a less critical tier",
          `move ${need} to tier ${tier.tier} or ${service.id} down`,
        );
      }
    }
  }
});

export const needsAreAcyclic = check(["tiers"], function* (plan) {
  const needs = new Map(placed(plan).map(({ service }) => [service.id, service.needs]));
  for (const { service, path } of placed(plan)) {
    if (reaches(service.id, service.id, needs)) {
      yield finding([...path, "needs"], "the service depends on itself, directly or indirectly", "break the cycle");
    }
  }
});

function reaches(from: string, goal: string, needs: ReadonlyMap<string, readonly string[]>): boolean {
  const [seen, waiting] = [new Set<string>(), [...(needs.get(from) ?? [])]];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === goal) return true;
    if (!seen.has(id)) waiting.push(...(needs.get(id) ?? []));
    seen.add(id);
  }
  return false;
}

export const oneServiceHoldsData = check(["tiers"], function* (plan) {
  const holders = placed(plan).filter(({ service }) => service.holdsData);
  if (holders.length === 0)
    yield finding(["tiers"], "no service holds the data", "set holdsData on the database service");
  for (const { path } of holders.slice(1)) {
    yield finding(
      [...path, "holdsData"],
      "recovery points contain the data of one service",
      "keep it on the database only",
    );
  }
});

/** What is said of a workload that the program deploys from the plan; the database has settings of its own. */
const ofWorkloads = ["needsKeys", "port", "environment", "size", "image", "probes"] as const;

export const theDatabaseHasItsOwnSettings = check(["tiers"], function* (plan) {
  for (const { service, path } of placed(plan)) {
    if (!service.holdsData) continue;
    for (const field of ofWorkloads) {
      if (service[field] === undefined) continue;
      const rule = "the service that holds the data is the program's own database";
      yield finding([...path, field], rule, "remove it; databaseImage and databaseStorage are settings of the stack");
    }
  }
});

export const oneServiceTakesTraffic = check(["tiers"], function* (plan) {
  const entries = placed(plan).filter(({ service }) => service.takesTraffic);
  if (entries.length === 0) {
    yield finding(["tiers"], "no service takes a site's traffic", "set takesTraffic on the one that users reach");
  }
  for (const [index, { service, path }] of entries.entries()) {
    if (index > 0) yield finding([...path, "takesTraffic"], "a site has one entry", "keep it on one service only");
    if (service.holdsData) {
      yield finding([...path, "takesTraffic"], "users never reach the data directly", "set it on a service before it");
    }
  }
});

export const phasesFollowEachOther = check(["recoveryPhases"], function* ({ recoveryPhases }) {
  yield* outOfOrder(
    ["recoveryPhases"],
    recoveryPhases.map(({ phase }) => phase),
    "phase",
  );
  let end = { iso: "PT0S", seconds: 0 };
  for (const [index, { from, within }] of recoveryPhases.entries()) {
    if (from.seconds !== end.seconds) {
      yield finding(["recoveryPhases", index, "from"], `the previous phase ends at ${end.iso}`, `use ${end.iso}`);
    }
    if (within.seconds <= from.seconds) {
      yield finding(
        ["recoveryPhases", index, "within"],
        "a phase must end after its start; both are counted from the fault",
        `use more than ${from.iso}`,
      );
    }
    end = within;
  }
});

export const stepsAreConsecutive = check(["recoveryPhases"], function* ({ recoveryPhases }) {
  let expected = 0;
  for (const [index, phase] of recoveryPhases.entries()) {
    for (const [step, { order }] of phase.steps.entries()) {
      expected += 1;
      if (order === expected) continue;
      const path = ["recoveryPhases", index, "steps", step, "order"];
      yield finding(path, "steps must be numbered consecutively from 1 across all phases", `use ${expected}`);
    }
  }
});

export const stepsNameServices = check(["tiers", "recoveryPhases"], function* (plan) {
  const known = knownServices(plan);
  for (const [index, phase] of plan.recoveryPhases.entries()) {
    for (const [step, { services }] of phase.steps.entries()) {
      yield* unknownNames(["recoveryPhases", index, "steps", step, "services"], services, known, "service");
    }
  }
});

const recoversIn = (id: string, phases: readonly RecoveryPhase[]) =>
  phases.find(({ steps }) => steps.some(({ services }) => services.includes(id)));

export const everyServiceRecovers = check(["tiers", "recoveryPhases"], function* (plan: Phased): Generator<Finding> {
  for (const { service, tier, path } of placed(plan)) {
    const phase = recoversIn(service.id, plan.recoveryPhases);
    if (!phase) {
      yield finding([...path, "id"], "no recovery phase restores the service", "add it to a step of recoveryPhases");
    } else if (phase.within.seconds > tier.rto.seconds) {
      yield finding(
        [...path, "id"],
        `it recovers in phase ${phase.phase}, within ${formatSeconds(phase.within.seconds)}, but its tier's RTO is ${formatSeconds(tier.rto.seconds)}`,
        "move it to an earlier phase or raise the RTO",
      );
    }
  }
});

export const needsRecoverFirst = check(["tiers", "recoveryPhases"], function* (plan) {
  for (const { service, path } of placed(plan)) {
    const own = recoversIn(service.id, plan.recoveryPhases)?.phase;
    for (const [index, need] of service.needs.entries()) {
      const other = recoversIn(need, plan.recoveryPhases)?.phase;
      if (own !== undefined && other !== undefined && other > own) {
        yield finding(
          [...path, "needs", index],
          `it recovers in phase ${other}, after ${service.id} in phase ${own}`,
          `recover ${need} by phase ${own}`,
        );
      }
    }
  }
});
