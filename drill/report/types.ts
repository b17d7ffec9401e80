/** What a drill measured: the content of `report.json`. Seconds are measured in the run unless a name says otherwise. */
export interface DrillReport {
  formatVersion: 1;
  scenario: string;
  verdict: "met" | "missed";
  /** Why the verdict is "missed": every reason, none where it is "met". */
  reasons: string[];
  /** When the work began, both regions being up. ISO 8601, UTC, like every time here. */
  startedAt: string;
  endedAt: string;
  durations: DrillDurations;
  /** When the region was lost, in seconds since the drill began; null where it ended before: then nothing was measured. */
  lossAtSeconds: number | null;
  tiers: TierReport[];
  rpo: RpoReport;
  callsAfterCut: CallsAfterCut;
  /** Pulumi types that were created for real in the emulated region or cluster. */
  realTypes: string[];
  /** Pulumi types of which only the state was kept: the drill proves nothing about them. */
  recordedTypes: string[];
  timeline: TimelineEvent[];
  load: LoadReport;
  conditions: DrillConditions;
}

export interface DrillDurations {
  /** Before the drill: finding the tools; the first time on a machine, building them. */
  toolsSeconds: number;
  /** Before the drill: starting both regions. */
  startSeconds: number;
  /** From `startedAt` to `endedAt`: deploying both stacks, exports, loss, recovery and the comparison. */
  drillSeconds: number;
}

export interface TierReport {
  tier: number;
  name: string;
  services: string[];
  rtoTargetSeconds: number;
  /** From the outage to the last service of the tier up and reachable; null where it never was. */
  rtoActualSeconds: number | null;
  /**
   * Actual plus what a real switch waits for and the drill does not, by the
   * plan's estimates: detection, the decision, the traffic switch's evaluation
   * and the time to live of DNS answers.
   */
  rtoProjectedSeconds: number | null;
  met: boolean;
}

export interface RpoReport {
  targetSeconds: number;
  /** From the restored snapshot, or the oldest acknowledged write that was lost if that is older, to the outage. */
  actualSeconds: number | null;
  /** Worst case with the plan's schedules and replication bound and this run's measured delays and run times. */
  projectedWorstCaseSeconds: number | null;
  lostAcknowledgedWrites: number;
  /** Seconds before the outage at which the oldest lost write was acknowledged; 0 where none was lost. */
  oldestLostSeconds: number;
  duplicates: number;
  outOfOrder: number;
  recoveryPoint: string | null;
  met: boolean;
}

export interface CallsAfterCut {
  primaryRegion: number;
  globalControlPlanes: number;
  primaryCluster: number;
  /** Each of them, as "service operation". */
  details: string[];
}

export interface TimelineEvent {
  /** Seconds since the drill began; negative never. */
  atSeconds: number;
  /** Seconds that it took; absent for a moment. */
  durationSeconds?: number;
  lane: "drill" | "primary" | "alternate" | "traffic" | "recovery";
  title: string;
  outcome?: "done" | "failed" | "gap";
}

export interface LoadReport {
  attempts: number;
  acknowledged: number;
  seededRows: number;
  /** From the last write acknowledged by the old site to the first by the new one; null where none came. */
  outageSeconds: number | null;
}

export interface DrillConditions {
  cpus: number;
  rows: number;
  node: string;
  localStack: true;
  /** Limits of the local stack that a reader must know to judge the figures. */
  notes: string[];
}
