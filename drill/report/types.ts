/** The measurements of a drill: content of `report.json`. Seconds are measured unless the name states otherwise. */
export interface DrillReport {
  formatVersion: 1;
  scenario: string;
  verdict: "met" | "missed";
  /** All reasons for the verdict "missed"; empty if it is "met". */
  reasons: string[];
  /** Start of the drill, after both regions have started. ISO 8601, UTC, like all times here. */
  startedAt: string;
  endedAt: string;
  durations: DrillDurations;
  /** Time of the region loss in seconds since the start; null if the drill ended before, without a measurement. */
  lossAtSeconds: number | null;
  tiers: TierReport[];
  rpo: RpoReport;
  callsAfterCut: CallsAfterCut;
  /** Pulumi types created for real in the emulated region or cluster. */
  realTypes: string[];
  /** Pulumi types recorded in state only; the drill proves nothing about them. */
  recordedTypes: string[];
  timeline: TimelineEvent[];
  load: LoadReport;
  conditions: DrillConditions;
}

interface DrillDurations {
  /** Before the drill: locating the tools, or building them on a first run. */
  toolsSeconds: number;
  /** Before the drill: starting both regions. */
  startSeconds: number;
  /** From `startedAt` to `endedAt`: deployment of all stacks, exports, loss, recovery and comparison. */
  drillSeconds: number;
}

export interface TierReport {
  tier: number;
  name: string;
  services: string[];
  rtoTargetSeconds: number;
  /** From the loss until the tier's last service is up and reachable; null if it never was. */
  rtoActualSeconds: number | null;
  /**
   * Actual plus the plan's estimates for what a real failover adds: detection, decision, evaluation of the traffic
   * switch and DNS time to live.
   */
  rtoProjectedSeconds: number | null;
  met: boolean;
}

export interface RpoReport {
  targetSeconds: number;
  /** From the restored snapshot, or the oldest acknowledged write that was lost if older, until the loss. */
  actualSeconds: number | null;
  /** Worst case with the plan's schedules and replication bound, and this run's measured delays and run times. */
  projectedWorstCaseSeconds: number | null;
  lostAcknowledgedWrites: number;
  /** Seconds before the loss at which the oldest lost write was acknowledged; 0 if none was lost. */
  oldestLostSeconds: number;
  duplicates: number;
  outOfOrder: number;
  recoveryPoint: string | null;
  met: boolean;
}

interface CallsAfterCut {
  primaryRegion: number;
  globalControlPlanes: number;
  primaryCluster: number;
  /** Each call, as "service operation". */
  details: string[];
}

export interface TimelineEvent {
  /** Seconds since the start; never negative. */
  atSeconds: number;
  /** Duration in seconds; absent for instants. */
  durationSeconds?: number | undefined;
  lane: "drill" | "shared" | "primary" | "alternate" | "traffic" | "recovery";
  title: string;
  outcome?: "done" | "failed" | "gap";
}

export interface LoadReport {
  attempts: number;
  acknowledged: number;
  seededRows: number;
  /** From the last write acknowledged by the old site to the first by the new one; null if there was none. */
  outageSeconds: number | null;
}

interface DrillConditions {
  cpus: number;
  rows: number;
  node: string;
  localStack: true;
  /** Limits of the local stack that matter for judging the figures. */
  notes: string[];
}
