/**
 * Tells apart the provider instances that one server serves. The engine opens
 * a connection of its own for each of them, so the peer address is the
 * instance; docs/decisions/0007-local-providers-speak-the-protocol.md tells why that holds.
 */
import { EngineLog } from "./engine-log.ts";
import type { Properties } from "../values.ts";

export class Instance {
  config: Properties | undefined;
  log: EngineLog | undefined;
  readonly #running = new Set<AbortController>();

  /** Runs one operation with a signal that `cancel` aborts. */
  async run<Result>(controller: AbortController, operation: () => Promise<Result>): Promise<Result> {
    this.#running.add(controller);
    try {
      return await operation();
    } finally {
      this.#running.delete(controller);
    }
  }

  cancel(): void {
    for (const controller of this.#running) controller.abort(new Error("cancelled by the engine"));
  }
}

export class Instances {
  readonly #package: string;
  readonly #byPeer = new Map<string, Instance>();

  constructor(packageName: string) {
    this.#package = packageName;
  }

  /** A fresh instance: an address may have belonged to an engine that has ended. */
  attach(peer: string, engineAddress: string): void {
    this.#forget(peer);
    this.of(peer).log = new EngineLog(engineAddress);
  }

  /** The instance of a connection, made when it is first seen. */
  of(peer: string): Instance {
    const known = this.#byPeer.get(peer);
    if (known) return known;
    const instance = new Instance();
    this.#byPeer.set(peer, instance);
    return instance;
  }

  /** The instance of a connection that has said who it is; anything else would act on some other instance's cloud. */
  configured(peer: string): Instance & { config: Properties } {
    const instance = this.#byPeer.get(peer);
    if (instance?.config === undefined) {
      throw new Error(
        `the ${this.#package} provider was never configured over the connection from ${peer}; no instance is assumed`,
      );
    }
    return instance as Instance & { config: Properties };
  }

  close(): void {
    for (const peer of [...this.#byPeer.keys()]) this.#forget(peer);
  }

  #forget(peer: string): void {
    const instance = this.#byPeer.get(peer);
    instance?.cancel();
    instance?.log?.close();
    this.#byPeer.delete(peer);
  }
}
