import { availableParallelism } from "node:os";
import { strictestRpoSeconds, type Plan } from "../../plan/index.ts";
import type { DrillReport, LoadReport, RpoReport, TierReport } from "./types.ts";
import type { Observations } from "./observations.ts";
import { projectedWorstCaseSeconds, waitsOutsideTheDrillSeconds } from "./projection.ts";

/** Evaluates a drill's observations against the plan. Pure: equal observations give equal reports. */
export function measure(plan: Plan, seen: Observations): DrillReport {
  const tiers = plan.tiers.map((tier) => tierReport(plan, tier, seen));
  const rpo = rpoReport(plan, seen);
  const reasons = reasonsToMiss(plan, seen, tiers, rpo);
  const seconds = (at: number): number => round((at - seen.startedAt) / 1000);
  return {
    formatVersion: 1,
    scenario: seen.scenario,
    verdict: reasons.length === 0 ? "met" : "missed",
    reasons,
    startedAt: new Date(seen.startedAt).toISOString(),
    endedAt: new Date(seen.endedAt).toISOString(),
    durations: {
      toolsSeconds: round(seen.preparation.toolsSeconds),
      startSeconds: round(seen.preparation.startSeconds),
      drillSeconds: seconds(seen.endedAt),
    },
    lossAtSeconds: seen.cutAt === undefined ? null : seconds(seen.cutAt),
    tiers,
    rpo,
    callsAfterCut: callsAfterCut(seen),
    realTypes: seen.realTypes,
    recordedTypes: seen.recordedTypes,
    timeline: seen.events
      .map(({ at, endedAt, ...event }) => ({
        atSeconds: seconds(at),
        durationSeconds: endedAt === undefined ? undefined : round((endedAt - at) / 1000),
        ...event,
      }))
      .sort((a, b) => a.atSeconds - b.atSeconds),
    load: loadReport(seen),
    conditions: {
      cpus: availableParallelism(),
      rows: seen.conditions.rows,
      node: process.version,
      localStack: true,
      notes: seen.conditions.notes,
    },
  };
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;

type Tier = Plan["tiers"][number];

function tierReport(plan: Plan, tier: Tier, seen: Observations): TierReport {
  const actual = tierActualSeconds(tier, seen);
  const projected = actual === null ? null : round(actual + waitsOutsideTheDrillSeconds(plan));
  return {
    tier: tier.tier,
    name: tier.name,
    services: tier.services.map((service) => service.id),
    rtoTargetSeconds: tier.rto.seconds,
    rtoActualSeconds: actual,
    rtoProjectedSeconds: projected,
    met: projected !== null && projected <= tier.rto.seconds,
  };
}

/**
 * A tier has recovered when its last service is up, traffic reaches it, and (tier 1) a user's write has been
 * acknowledged.
 */
function tierActualSeconds(tier: Tier, { cutAt, failover, load }: Observations): number | null {
  if (cutAt === undefined || failover === undefined) return null;
  const up = tier.services.map((service) => failover.servicesUp[service.id] ?? Number.NaN);
  const firstWrite = load.acknowledged.find((write) => write.ackedAt > failover.trafficSwitchedAt)?.ackedAt;
  const last = Math.max(...up, failover.verifiedAt, tier.tier === 1 ? (firstWrite ?? Number.NaN) : 0);
  return Number.isNaN(last) ? null : round((last - cutAt) / 1000);
}

function rpoReport(plan: Plan, seen: Observations): RpoReport {
  const { cutAt, failover, ledger } = seen;
  const targetSeconds = strictestRpoSeconds(plan);
  const lost = ledger?.lostAcknowledged ?? [];
  const oldestLost =
    lost.length === 0 || cutAt === undefined ? 0 : (cutAt - Math.min(...lost.map((w) => w.ackedAt))) / 1000;
  const known = cutAt !== undefined && failover !== undefined && ledger !== undefined;
  const actual = known ? Math.max((cutAt - failover.recoveryPoint.snapshotAt) / 1000, oldestLost) : null;
  const projected = projectedWorstCaseSeconds(plan, seen.exports);
  return {
    targetSeconds,
    actualSeconds: actual === null ? null : round(actual),
    projectedWorstCaseSeconds: projected === null ? null : round(projected),
    lostAcknowledgedWrites: lost.length,
    oldestLostSeconds: round(oldestLost),
    duplicates: ledger?.duplicates ?? 0,
    outOfOrder: ledger?.outOfOrder ?? 0,
    recoveryPoint: failover?.recoveryPoint.slot ?? null,
    met: actual !== null && actual <= targetSeconds && projected !== null && projected <= targetSeconds,
  };
}

function callsAfterCut({ callsAfterCut: calls }: Observations): DrillReport["callsAfterCut"] {
  return {
    primaryRegion: calls.primaryRegion.length,
    globalControlPlanes: calls.globalControlPlanes.length,
    primaryCluster: calls.primaryCluster.length,
    details: [...new Set([...calls.primaryRegion, ...calls.globalControlPlanes, ...calls.primaryCluster])],
  };
}

function loadReport({ load, cutAt, failover }: Observations): LoadReport {
  const before = load.acknowledged.filter((write) => cutAt !== undefined && write.ackedAt <= cutAt).at(-1);
  const after = load.acknowledged.find((write) => failover !== undefined && write.ackedAt > failover.trafficSwitchedAt);
  return {
    attempts: load.attempts,
    acknowledged: load.acknowledged.length,
    seededRows: load.seededRows,
    outageSeconds: before && after ? round((after.ackedAt - before.ackedAt) / 1000) : null,
  };
}

function reasonsToMiss(plan: Plan, seen: Observations, tiers: TierReport[], rpo: RpoReport): string[] {
  const reasons = [...seen.failures];
  if (seen.cutAt === undefined)
    return [...reasons, "the drill ended before the region was lost: no recovery was measured"];
  for (const { tier, rtoActualSeconds, rtoProjectedSeconds, rtoTargetSeconds, met } of tiers) {
    if (met) continue;
    reasons.push(
      rtoActualSeconds === null
        ? `Tier ${tier} did not recover`
        : `Tier ${tier} recovered after ${rtoActualSeconds} s (${rtoProjectedSeconds} s projected), its RTO is ${rtoTargetSeconds} s`,
    );
  }
  if (rpo.actualSeconds === null)
    reasons.push(
      seen.failover === undefined
        ? "no recovery point was restored, so the recovery point actual is unknown"
        : "the ledger was not compared, so the recovery point actual is unknown",
    );
  else if (rpo.actualSeconds > rpo.targetSeconds) {
    reasons.push(`recovery point actual is ${rpo.actualSeconds} s, the RPO is ${rpo.targetSeconds} s`);
  }
  if (rpo.projectedWorstCaseSeconds === null)
    reasons.push("the worst-case loss cannot be projected: no export was measured");
  else if (rpo.projectedWorstCaseSeconds > rpo.targetSeconds) {
    reasons.push(`projected worst-case loss is ${rpo.projectedWorstCaseSeconds} s, the RPO is ${rpo.targetSeconds} s`);
  }
  if (rpo.duplicates > 0) reasons.push(`${rpo.duplicates} entries are duplicated`);
  if (rpo.outOfOrder > 0) reasons.push(`${rpo.outOfOrder} entries are out of order`);
  reasons.push(...brokenPromises(seen));
  const calls = callsAfterCut(seen);
  if (calls.primaryRegion + calls.globalControlPlanes + calls.primaryCluster > 0) {
    reasons.push(`the recovery made calls that it must not depend on: ${calls.details.join(", ")}`);
  }
  return reasons;
}

/** Writes acknowledged before the snapshot but missing from the restored data: the recovery point itself was wrong. */
function brokenPromises({ ledger, failover }: Observations): string[] {
  if (!ledger || !failover) return [];
  const { slot, snapshotAt } = failover.recoveryPoint;
  const broken = ledger.lostAcknowledged.filter((write) => write.ackedAt < snapshotAt);
  return broken.length === 0
    ? []
    : [
        `${broken.length} writes acknowledged before recovery point ${slot} are missing from it (first: ${broken[0]?.n})`,
      ];
}
