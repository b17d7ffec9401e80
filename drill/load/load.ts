/** Writes numbered entries at a constant rate, regardless of failures. */
import { Agent } from "node:http";
import { availability } from "./availability.ts";
import type { Attempt, Availability } from "./availability.ts";
import type { Acknowledged } from "./ledger.ts";
import { openSession, send, unexpected } from "./request.ts";
import type { Target } from "./request.ts";

export interface LoadOptions extends Target {
  /** Attempts started per second, even while earlier ones are pending. */
  ratePerSecond: number;
  /** Time after which an attempt counts as failed, in seconds; its entry may still have been stored. */
  requestTimeoutSeconds: number;
  /**
   * Number of the first attempt.
   * @default 0
   */
  firstNumber?: number;
}

export interface Load {
  /** Acknowledged writes, in order of acknowledgement. */
  readonly acknowledged: readonly Acknowledged[];
  /** Attempts started so far. */
  readonly attempts: number;
  /** Availability so far. */
  availability(): Availability;
  /** Starts no more attempts and waits for pending ones. */
  stop(): Promise<void>;
}

class Writer implements Load {
  readonly acknowledged: Acknowledged[] = [];
  attempts = 0;
  readonly #options: LoadOptions;
  readonly #finished: Attempt[] = [];
  readonly #underway = new Set<Promise<void>>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  #token: Promise<string> | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#catchUp(), 1000 / options.ratePerSecond);
    this.#catchUp();
  }

  availability(): Availability {
    return availability(this.#finished);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underway);
    this.#agent.destroy();
  }

  /** Starts the attempts that are due by now: timers are late on a busy machine. */
  #catchUp(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const due = Math.floor(seconds * this.#options.ratePerSecond) + 1;
    // Limits the burst after a long pause of this process, which would distort the measurement.
    const behind = Math.min(due - this.attempts, Math.max(1, Math.ceil(this.#options.ratePerSecond / 10)));
    for (let count = 0; count < behind; count++) {
      const attempt = this.#attempt((this.#options.firstNumber ?? 0) + this.attempts++);
      this.#underway.add(attempt);
      void attempt.finally(() => this.#underway.delete(attempt));
    }
  }

  async #attempt(n: number): Promise<void> {
    const sentAt = Date.now();
    let failure: string | undefined;
    try {
      const at = await this.#write(n);
      this.acknowledged.push({ n, at, sentAt, ackedAt: Date.now() });
    } catch (error) {
      failure = (error as Error).message;
    }
    this.#finished.push({ n, sentAt, endedAt: Date.now(), failure });
  }

  async #write(n: number): Promise<string> {
    const timeoutSeconds = this.#options.requestTimeoutSeconds;
    const session = (this.#token ??= openSession(this.#options, this.#agent, timeoutSeconds));
    const forget = (): void => {
      if (this.#token === session) this.#token = undefined;
    };
    session.catch(forget);
    const token = await session;
    const body = { n, payload: `entry ${n}` };
    const path = "/v1/entries";
    const reply = await send(this.#options, this.#agent, { method: "POST", path, token, body, timeoutSeconds });
    // The other region's database accepts only its own tokens: the next attempt signs in again.
    if (reply.status === 401) forget();
    if (reply.status !== 201) throw unexpected(path, reply);
    return (reply.body as { at: string }).at;
  }
}

/** Starts the load; each attempt has a unique number and is never repeated. */
export const startLoad = (options: LoadOptions): Load => new Writer(options);
