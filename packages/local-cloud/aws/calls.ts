/** Records every request, and aborts those in flight. */
import type { CallRecord } from "./types.ts";

/** Nginx's status for a client that disconnected before the response. */
const clientClosedRequest = 499;

export interface OpenCall {
  readonly region: string;
  /** Sets the operation, once it has been read from the body. */
  operation(name: string): void;
  /** Called once if the region is cut while the request is in flight. */
  whenBroken(stop: () => void): void;
  /** Records the outcome; later ones are ignored. */
  done(status: number | "refused"): void;
  /** Records that the client disconnected, unless there is an outcome. */
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

  /** Aborts every open request of the regions that `isBroken` selects, and records it as refused. */
  breakOff(isBroken: (region: string) => boolean): void {
    for (const entry of this.#open) {
      if (!isBroken(entry.region)) continue;
      entry.status = "refused";
      this.#open.delete(entry);
      entry.stop?.();
    }
  }
}
