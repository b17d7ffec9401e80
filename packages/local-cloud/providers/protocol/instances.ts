/**
 * Provider instances of one server. The engine opens a connection per instance, so the peer address identifies it; see
 * docs/decisions/0007-local-providers-speak-the-protocol.md.
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

  /** Starts a new instance: an earlier engine may have used the same address. */
  attach(peer: string, engineAddress: string): void {
    this.#forget(peer);
    this.of(peer).log = new EngineLog(engineAddress);
  }

  /** The instance of a connection, created on first use. */
  of(peer: string): Instance {
    const known = this.#byPeer.get(peer);
    if (known) return known;
    const instance = new Instance();
    this.#byPeer.set(peer, instance);
    return instance;
  }

  /** The configured instance of a connection. @throws if there is none: assuming one could change another cloud */
  configured(peer: string): Instance & { config: Properties } {
    const instance = this.#byPeer.get(peer);
    if (instance?.config === undefined) {
      throw new Error(
        `the ${this.#package} provider was never configured on the connection from ${peer}; no instance is assumed`,
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
