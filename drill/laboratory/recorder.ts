import type { Load } from "../load/index.ts";
import type { FailoverResult } from "../../continuity/failover/index.ts";
import { inPhase, type Progress } from "../../continuity/progress.ts";
import type { LedgerObservation, Observations } from "../report/observations.ts";

/** Limits of the local stack: what a reader must know before taking the figures to production. */
const localLimits = [
  "Both regions run on this machine: start and import times are its own, not those of a cloud region.",
  "The drill decides at once and its traffic switch is followed at once. Projected times add the plan's estimates for detection, decision, health checks and the time to live of DNS answers.",
  "Replication is the local stack's own: it obeys the buckets' settings, without the minutes that S3 may take. The projection uses the plan's bound.",
  "Not in the local clusters: resource limits, enforcement of network policies, several nodes.",
];

/** What the laboratory itself has recorded by the end. */
interface Observed {
  /** Rows that were there before the load. */
  seededRows: number;
  /** Calls that a failover may not make, between two moments. */
  callsAfter(from: number | undefined, until: number | undefined): Observations["callsAfterCut"];
  types: Pick<Observations, "realTypes" | "recordedTypes">;
}

/** Collects what the acts of a drill see. */
export class Recorder {
  readonly failures: string[] = [];
  readonly exports: Observations["exports"] = { full: undefined, changes: undefined };
  cutAt: number | undefined;
  failover: FailoverResult | undefined;
  ledger: LedgerObservation | undefined;
  readonly #scenario: string;
  #startedAt = Date.now();
  #preparation: Observations["preparation"] = { toolsSeconds: 0, startSeconds: 0 };
  readonly #rows: number;
  readonly #events: Observations["events"] = [];
  #load: Pick<Observations["load"], "attempts" | "acknowledged"> = { attempts: 0, acknowledged: [] };

  constructor(scenario: string, rows: number) {
    this.#scenario = scenario;
    this.#rows = rows;
  }

  /** The drill's time starts here: building tools, minutes on a first run, is no part of what it measures. */
  begin(preparation: Observations["preparation"]): void {
    this.#startedAt = Date.now();
    this.#preparation = preparation;
  }

  event(event: Observations["events"][number]): void {
    this.#events.push(event);
  }

  /** Runs something as a phase of the progress, and as a bar of the timeline. */
  async act<T>(
    progress: Progress,
    lane: Observations["events"][number]["lane"],
    title: string,
    work: (awaiting: (what: string) => void) => Promise<T>,
  ): Promise<T> {
    const at = Date.now();
    const record = (outcome: "done" | "failed"): void => this.event({ lane, title, at, endedAt: Date.now(), outcome });
    try {
      const result = await inPhase(progress, title, (phase) => work((what) => phase.awaiting(what)));
      record("done");
      return result;
    } catch (error) {
      record("failed");
      throw error;
    }
  }

  observeLoad({ attempts, acknowledged }: Load): void {
    this.#load = { attempts, acknowledged };
  }

  /** Who served users, and when nobody did, by the writes that were acknowledged. */
  #traffic(): Observations["events"] {
    const { acknowledged } = this.#load;
    const [cutAt, switchedAt] = [this.cutAt, this.failover?.trafficSwitchedAt];
    const first = acknowledged[0];
    const lastBefore = acknowledged.filter((write) => cutAt === undefined || write.ackedAt <= cutAt).at(-1);
    const after = acknowledged.filter((write) => switchedAt !== undefined && write.ackedAt > switchedAt);
    const [again, last] = [after[0], after.at(-1)];
    const lane = "traffic" as const;
    return [
      first && lastBefore && { lane, title: "Served by the primary", at: first.ackedAt, endedAt: lastBefore.ackedAt },
      lastBefore &&
        again && { lane, title: "No service", at: lastBefore.ackedAt, endedAt: again.ackedAt, outcome: "gap" as const },
      again && last && { lane, title: "Served by the alternate", at: again.ackedAt, endedAt: last.ackedAt },
    ].filter((event) => event !== undefined);
  }

  finish(lab: Observed): Observations {
    return {
      scenario: this.#scenario,
      startedAt: this.#startedAt,
      preparation: this.#preparation,
      endedAt: Date.now(),
      cutAt: this.cutAt,
      failover: this.failover,
      failures: this.failures,
      exports: this.exports,
      ledger: this.ledger,
      load: { ...this.#load, seededRows: lab.seededRows },
      callsAfterCut: lab.callsAfter(this.cutAt, this.failover?.endedAt),
      ...lab.types,
      events: [...this.#events, ...this.#traffic()],
      conditions: { rows: this.#rows, notes: localLimits },
    };
  }
}
