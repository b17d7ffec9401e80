/** Polls health checks, determines the record that answers for the public name, and records every change. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RecordedResource } from "../providers/aws/index.ts";
import type { AlarmReader } from "./alarm-reader.ts";
import type { AlarmState } from "./alarm.ts";
import { answeringRecord, isHealthy, neededChecks } from "./decision.ts";
import type { EndpointProber } from "./endpoint-prober.ts";
import { dnsView } from "./records.ts";
import type { DnsView, FailoverRecord, Target } from "./records.ts";

const pollMilliseconds = 250;

/** A change of the target of the public name. */
export interface Switch {
  /** Milliseconds since the epoch. */
  at: number;
  /** Undefined while no record answers. */
  target: Target | undefined;
}

export interface RoutingOptions {
  hostname: string;
  records: () => RecordedResource[];
  alarms: Pick<AlarmReader, "state">;
  endpoints: Pick<EndpointProber, "isUp">;
}

export class FailoverRouting {
  readonly #options: RoutingOptions;
  readonly #history: Switch[] = [];
  readonly #ended = new AbortController();
  #before: ReadonlyMap<string, boolean> = new Map();
  #record: FailoverRecord | undefined;
  #problem: string | undefined;
  #polling: Promise<void> = Promise.resolve();

  constructor(options: RoutingOptions) {
    this.#options = options;
  }

  /** Resolves after the first evaluation; then polls. */
  async start(): Promise<void> {
    await this.#decide();
    this.#polling = this.#poll();
  }

  record(): FailoverRecord | undefined {
    return this.#record;
  }

  /** Error of the last evaluation, if it failed. */
  problem(): string | undefined {
    return this.#problem;
  }

  history(): Switch[] {
    return [...this.#history];
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#polling;
  }

  async #poll(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await sleep(pollMilliseconds, undefined, { signal: this.#ended.signal }).catch(() => undefined);
      if (!this.#ended.signal.aborted) await this.#decide();
    }
  }

  async #decide(): Promise<void> {
    try {
      const view = dnsView(this.#options.records(), this.#options.hostname);
      this.#take(await this.#answering(view));
      this.#problem = undefined;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#take(undefined);
    }
  }

  async #answering({ records, checks }: DnsView): Promise<FailoverRecord | undefined> {
    const needed = [...neededChecks(records, checks)].flatMap((id) => checks.get(id) ?? []);
    const alarms = new Map<string, AlarmState>();
    const endpoints = new Map<string, boolean>();
    await Promise.all(
      needed.map(async (check) => {
        if (check.kind === "alarm") alarms.set(check.id, await this.#options.alarms.state(check));
        if (check.kind === "endpoint") endpoints.set(check.id, await this.#options.endpoints.isUp(check));
      }),
    );
    const seen = { alarms, endpoints, before: this.#before };
    this.#before = new Map(needed.map(({ id }) => [id, isHealthy(id, checks, seen)]));
    return answeringRecord(records, ({ healthCheckId: id }) => id === undefined || isHealthy(id, checks, seen));
  }

  #take(record: FailoverRecord | undefined): void {
    if (record?.target !== this.#record?.target || this.#history.length === 0)
      this.#history.push({ at: Date.now(), target: record?.target });
    this.#record = record;
  }
}
