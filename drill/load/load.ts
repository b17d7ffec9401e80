/** Writes numbered entries at a steady rate, whatever happens to the service. */
import { Agent } from "node:http";
import { availability } from "./availability.ts";
import type { Attempt, Availability } from "./availability.ts";
import type { Acknowledged } from "./ledger.ts";
import { openSession, send, unexpected } from "./request.ts";
import type { Target } from "./request.ts";

export interface LoadOptions extends Target {
  /** Attempts begun each second, also while earlier ones still wait. */
  ratePerSecond: number;
  /** After this an attempt counts as failed; its entry may still have been stored. */
  requestTimeoutSeconds: number;
  /**
   * Number of the first attempt.
   * @default 0
   */
  firstNumber?: number;
}

export interface Load {
  /** Confirmed writes, in the order of their confirmations. */
  readonly acknowledged: readonly Acknowledged[];
  /** Attempts begun so far. */
  readonly attempts: number;
  /** What the writer went through so far. */
  availability(): Availability;
  /** Begins no more attempts and waits for those under way. */
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

  /** Timers come late on a busy machine: as many attempts begin as the rate wants by now. */
  #catchUp(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const due = Math.floor(seconds * this.#options.ratePerSecond) + 1;
    // After a long pause of this process a burst would measure the burst.
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
    // Another region's database knows its own users' tokens only: the next attempt signs in again.
    if (reply.status === 401) forget();
    if (reply.status !== 201) throw unexpected(path, reply);
    return (reply.body as { at: string }).at;
  }
}

/** Starts to write; each attempt has a number of its own and is never repeated. */
export const startLoad = (options: LoadOptions): Load => new Writer(options);
