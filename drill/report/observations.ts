import type { FailoverResult } from "../../continuity/failover/index.ts";
import type { TimelineEvent } from "./types.ts";

/** Observations of a drill; times are milliseconds since 1970 unless the name states otherwise. */
export interface Observations {
  scenario: string;
  /** Start of the drill, after both regions have started. */
  startedAt: number;
  /** Duration of the preparation. */
  preparation: { toolsSeconds: number; startSeconds: number };
  endedAt: number;
  /** Time of the region loss; undefined if the drill ended before. */
  cutAt: number | undefined;
  failover: FailoverResult | undefined;
  /** Failures that prevented the drill from completing. */
  failures: string[];
  exports: { full: ExportRun | undefined; changes: ExportRun | undefined };
  ledger: LedgerObservation | undefined;
  load: { attempts: number; acknowledged: readonly AcknowledgedWrite[]; seededRows: number };
  callsAfterCut: { primaryRegion: string[]; globalControlPlanes: string[]; primaryCluster: string[] };
  realTypes: string[];
  recordedTypes: string[];
  events: (Omit<TimelineEvent, "atSeconds" | "durationSeconds"> & { at: number; endedAt?: number })[];
  conditions: { rows: number; notes: string[] };
}

export interface ExportRun {
  startDelaySeconds: number;
  /** From the Job's creation to its end, including the start delay. */
  elapsedSeconds: number;
}

interface AcknowledgedWrite {
  n: number;
  ackedAt: number;
}

export interface LedgerObservation {
  lostAcknowledged: readonly AcknowledgedWrite[];
  duplicates: number;
  outOfOrder: number;
}
