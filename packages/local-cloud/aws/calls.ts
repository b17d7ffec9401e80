/** The record of every request, and the means to break those that are under way. */
import type { CallRecord } from "./types.ts";

/** As servers log it when the client went away before the answer. */
const clientClosedRequest = 499;

export interface OpenCall {
  readonly region: string;
  /** Names the operation once the body has told it. */
  operation(name: string): void;
  /** Runs once when the region is cut under the request. */
  whenBroken(stop: () => void): void;
  /** Enters the outcome; the first one holds. */
  done(status: number | "refused"): void;
  /** Enters that the client went away, unless there is an outcome. */
  abandoned(): void;
}

interface Entry extends Omit<CallRecord, "status"> {
  status?: number | "refused";
  stop?: () => void;
}

export class Calls {
  readonly #entries: Entry[] = [];
  readonly #open = new Set<Entry>();

  /** Finished requests in order of arrival. */
  list(): CallRecord[] {
    return this.#entries.flatMap(({ stop: _, status, ...rest }) => (status === undefined ? [] : { ...rest, status }));
  }

  open(arrived: Omit<CallRecord, "status">): OpenCall {
    const entry: Entry = { ...arrived };
    this.#entries.push(entry);
    this.#open.add(entry);
    const done = (status: number | "refused"): void => {
      entry.status ??= status;
      this.#open.delete(entry);
    };
    return {
      region: entry.region,
      operation: (name) => void (entry.operation = name),
      whenBroken: (stop) => void (entry.stop = stop),
      done,
      abandoned: () => done(clientClosedRequest),
    };
  }

  /** Breaks every open request that the test names, and enters it as refused. */
  breakOff(isBroken: (region: string) => boolean): void {
    for (const entry of this.#open) {
      if (!isBroken(entry.region)) continue;
      entry.status = "refused";
      this.#open.delete(entry);
      entry.stop?.();
    }
  }
}
