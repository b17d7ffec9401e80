import type { FailoverResult } from "../../continuity/failover/index.ts";
import type { TimelineEvent } from "./types.ts";

/** What a drill saw; times are milliseconds since 1970 unless a name says otherwise. */
export interface Observations {
  scenario: string;
  /** When the work began, both regions being up. */
  startedAt: number;
  /** Seconds that came before. */
  preparation: { toolsSeconds: number; startSeconds: number };
  endedAt: number;
  /** When the primary region was cut; undefined where the drill ended before. */
  cutAt: number | undefined;
  failover: FailoverResult | undefined;
  /** Why the drill could not go on to its end, though it ran. */
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
  /** From the Job's creation to its end, its start included. */
  elapsedSeconds: number;
}

export interface AcknowledgedWrite {
  n: number;
  ackedAt: number;
}

export interface LedgerObservation {
  lostAcknowledged: readonly AcknowledgedWrite[];
  duplicates: number;
  outOfOrder: number;
}
