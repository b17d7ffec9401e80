import { inPhase, type PhaseProgress, type Progress } from "../progress.ts";

/** A finished step, for the timeline and the evidence. */
export interface StepRecord {
  name: string;
  /** Milliseconds since 1970, UTC. */
  startedAt: number;
  endedAt: number;
  outcome: "done" | "failed";
}

/** Runs steps as progress phases and records their start and end. */
export class StepLog {
  readonly records: StepRecord[] = [];
  readonly #progress: Progress;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  async run<T>(name: string, work: (phase: PhaseProgress) => Promise<T>, summary?: (result: T) => string): Promise<T> {
    const record: StepRecord = { name, startedAt: Date.now(), endedAt: Number.NaN, outcome: "done" };
    this.records.push(record);
    try {
      return await inPhase(this.#progress, name, work, summary);
    } catch (error) {
      record.outcome = "failed";
      throw error;
    } finally {
      record.endedAt = Date.now();
    }
  }
}
