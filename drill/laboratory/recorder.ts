import type { Load } from "../load/index.ts";
import type { FailoverResult } from "../../continuity/failover/index.ts";
import { inPhase, type Progress } from "../../continuity/progress.ts";
import type { LedgerObservation, Observations } from "../report/observations.ts";

/** Limits of the local stack that matter when applying the figures to production. */
const localLimits = [
  "Both regions run on this machine; start and import times differ from those of a cloud region.",
  "The drill fails over without a decision delay, and its traffic switch takes effect immediately. Projected times add the plan's estimates for detection, decision, health checks and DNS time to live.",
  "The local stack replicates objects as configured, but without the minutes that S3 may take. The projection uses the plan's replication bound.",
  "The local clusters have a single node and do not enforce resource limits and network policies.",
];

/** Data recorded by the laboratory. */
interface Observed {
  /** Rows written before the load. */
  seededRows: number;
  /** Forbidden calls between two times. */
  callsAfter(from: number | undefined, until: number | undefined): Observations["callsAfterCut"];
  types: Pick<Observations, "realTypes" | "recordedTypes">;
}

/** Collects the observations of a drill. */
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

  /** Starts the drill's time: building tools may take minutes and is not part of the measurement. */
  begin(preparation: Observations["preparation"]): void {
    this.#startedAt = Date.now();
    this.#preparation = preparation;
  }

  event(event: Observations["events"][number]): void {
    this.#events.push(event);
  }

  /** Runs a step as a progress phase and a timeline bar. */
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

  /** Periods of service by each site and without service, from the acknowledged writes. */
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
