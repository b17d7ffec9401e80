import type { DrillReport, TimelineEvent } from "../../drill/report/types.ts";

export const event = (atSeconds: number, durationSeconds: number, title = "x"): TimelineEvent => ({
  atSeconds,
  durationSeconds,
  lane: "recovery",
  title,
});

export const report: DrillReport = {
  formatVersion: 1,
  scenario: "region-loss",
  verdict: "missed",
  reasons: ["Tier 1 is <late> & more"],
  startedAt: "2026-01-15T10:00:00.000Z",
  endedAt: "2026-01-15T10:01:00.000Z",
  durations: { toolsSeconds: 610, startSeconds: 5.5, drillSeconds: 60 },
  lossAtSeconds: 1,
  tiers: [
    {
      tier: 1,
      name: "Critical",
      services: ["backend-api"],
      rtoTargetSeconds: 1800,
      rtoActualSeconds: 1900,
      rtoProjectedSeconds: 2020,
      met: false,
    },
  ],
  rpo: {
    targetSeconds: 3600,
    actualSeconds: 12,
    projectedWorstCaseSeconds: 1510,
    lostAcknowledgedWrites: 3,
    oldestLostSeconds: 2,
    duplicates: 0,
    outOfOrder: 0,
    recoveryPoint: "20260115T095900Z",
    met: true,
  },
  callsAfterCut: { primaryRegion: 0, globalControlPlanes: 1, primaryCluster: 0, details: ["iam GetRole"] },
  realTypes: ["aws:s3/bucket:Bucket"],
  recordedTypes: [],
  timeline: [{ atSeconds: 1, lane: "primary", title: "Region lost" }, event(2, 3, "Role update")],
  load: { attempts: 10, acknowledged: 9, seededRows: 100, outageSeconds: 12 },
  conditions: { cpus: 2, rows: 100, node: "v24", localStack: true, notes: ["on one machine"] },
};
