/**
 * HTTP gateways before the emulator: one per region and one for the global control planes. They isolate regions, record
 * every request and inject faults. Bodies are streamed, so memory use stays constant.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Calls } from "./calls.ts";
import { changeOf } from "./changes.ts";
import type { Change } from "./changes.ts";
import { answerError, streamBack, isForm, nameOf, forward, readBody, refuse, targetOf } from "./exchange.ts";
import type { Exchange, Upstream } from "./exchange.ts";
import { Faults } from "./faults.ts";
import type { S3Operation } from "./s3-operations.ts";
import type { CallRecord, FailRule } from "./types.ts";

/** Limit for reading the operation from the body of a request that will be refused. */
const nameTimeoutMilliseconds = 200;

/** Looks up the `x-amz-replication-status` of a version. */
export type ReplicationStatus = (bucket: string, key: string, versionId: string) => Promise<string | undefined>;

export interface GatewayOptions {
  regions: readonly string[];
  globalRegion: string;
  emulatorPort: number;
}

export class Gateway {
  /** Region of each bucket. */
  readonly homes = new Map<string, string>();
  /** Called for every change before the client receives its response. */
  onChange: (change: Change, request: { userAgent: string }) => void = () => undefined;
  replicationStatus: ReplicationStatus = () => Promise.resolve(undefined);
  /** Called when a region is reachable again. */
  onRestore: () => void = () => undefined;

  readonly #regions: readonly string[];
  readonly #globalRegion: string;
  readonly #upstream: Upstream;
  readonly #calls = new Calls();
  readonly #faults: Faults;
  readonly #servers = new Map<string, http.Server>();

  constructor({ regions, globalRegion, emulatorPort }: GatewayOptions) {
    this.#regions = regions;
    this.#globalRegion = globalRegion;
    this.#faults = new Faults(globalRegion);
    this.#upstream = { port: emulatorPort, agent: new http.Agent({ keepAlive: true, timeout: 60_000 }) };
  }

  async start(): Promise<void> {
    await Promise.all([...this.#regions, "global"].map((region) => this.#listen(region)));
  }

  endpoint(region: string): string {
    // The region of the global control planes need not be one of `regions`.
    const server =
      this.#servers.get(region) ?? (region === this.#globalRegion ? this.#servers.get("global") : undefined);
    if (!server)
      throw new Error(`no gateway for region "${region}"; use one of ${[...this.#servers.keys()].join(", ")}`);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  calls(): CallRecord[] {
    return this.#calls.list();
  }

  isCut(region: string): boolean {
    return this.#faults.isCut(region);
  }

  /** Keeps idle connections: the next request on one is refused and recorded, whereas a closed one would hide it. */
  cut(region: string): void {
    this.#requireRegion(region);
    this.#faults.cut(region);
    this.#calls.breakOff((open) => this.#faults.isCut(open));
  }

  restore(region: string): void {
    this.#requireRegion(region);
    this.#faults.restore(region);
    this.onRestore();
  }

  slow(region: string, milliseconds: number): void {
    this.#requireRegion(region);
    this.#faults.slow(region, milliseconds);
  }

  fail(region: string, rule: FailRule): () => void {
    this.#requireRegion(region);
    return this.#faults.fail(region, rule);
  }

  async stop(): Promise<void> {
    const closed = [...this.#servers.values()].map((server) => {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return ended;
    });
    await Promise.all(closed);
    this.#upstream.agent.destroy();
  }

  /** With a misspelt region, a test would inject no fault and pass. */
  #requireRegion(region: string): void {
    if (region !== this.#globalRegion) this.endpoint(region);
  }

  async #listen(region: string): Promise<void> {
    const server = http.createServer({ requestTimeout: 0, keepAliveTimeout: 75_000 }, (request, response) => {
      void this.#serve(region, request, response);
    });
    server.on("clientError", (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    this.#servers.set(region, server);
  }

  async #serve(arrivedAt: string, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = targetOf(request, arrivedAt, this.#regions);
    const { region, service } = target;
    const call = this.#calls.open({
      at: Date.now(),
      region,
      service,
      operation: nameOf(target, request),
      userAgent: request.headers["user-agent"],
    });
    const ended = new AbortController();
    const exchange: Exchange = { target, request, response, call, broken: ended.signal };
    call.whenBroken(() => {
      ended.abort();
      request.socket.destroy();
    });
    response.once("close", () => {
      if (!response.writableFinished) ended.abort();
      call.abandoned();
    });
    await this.#answer(exchange).catch((error: unknown) => {
      if (ended.signal.aborted) return;
      if (response.headersSent) response.destroy();
      else answerError(exchange, 503, `local gateway: ${String(error)}`);
    });
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { target, request, call, broken } = exchange;
    const { region, service } = target;
    const cut = this.#faults.isCut(region);
    const form = isForm(request) ? await this.#form(request, cut) : undefined;
    const operation = nameOf(target, request, form?.toString("latin1"));
    call.operation(operation);
    if (this.#faults.isCut(region)) return refuse(exchange);
    const delay = this.#faults.delayMilliseconds(region);
    if (delay > 0) await sleep(delay, undefined, { signal: broken });
    const failure = this.#faults.failureFor(region, service, operation);
    if (failure !== undefined) return answerError(exchange, failure, `injected failure of ${operation}`);
    return target.s3 ? this.#answerS3(exchange, target.s3, form) : this.#forward(exchange, form);
  }

  /** Does not wait for the body of a request that will be refused. */
  async #form(request: http.IncomingMessage, cut: boolean): Promise<Buffer | undefined> {
    if (!cut) return readBody(request);
    const late = sleep(nameTimeoutMilliseconds, undefined, { ref: false });
    return Promise.race([readBody(request).catch(() => undefined), late]);
  }

  async #forward(exchange: Exchange, body?: Buffer): Promise<void> {
    streamBack(exchange, await forward(exchange, this.#upstream, body), {});
  }

  async #answerS3(exchange: Exchange, operation: S3Operation, form?: Buffer): Promise<void> {
    if (!operation.implemented)
      return answerError(exchange, 501, "The emulated S3 does not implement this request.", "NotImplemented");
    const lostSource = this.#lostCopySource(exchange.request);
    if (lostSource !== undefined)
      return answerError(exchange, 503, `The source of the copy is in ${lostSource}, which is unreachable.`);
    const body = operation.name === "CreateBucket" ? await readBody(exchange.request) : form;
    const incoming = await forward(exchange, this.#upstream, body);
    if (isSuccess(incoming)) this.#note(exchange, operation, incoming, body);
    streamBack(exchange, incoming, await this.#replicationHeader(operation, incoming));
  }

  /** S3 copies across regions on the server side; a source in a cut region is unreachable. */
  #lostCopySource({ headers }: http.IncomingMessage): string | undefined {
    const source = headers["x-amz-copy-source"];
    if (typeof source !== "string") return undefined;
    const home = this.homes.get(decodeURIComponent(source).replace(/^\//, "").split("/")[0] ?? "");
    return home !== undefined && this.#faults.isCut(home) ? home : undefined;
  }

  #note({ target, request }: Exchange, operation: S3Operation, incoming: http.IncomingMessage, body?: Buffer): void {
    const { name, bucket } = operation;
    if (name === "CreateBucket") {
      const constraint = /<LocationConstraint>([^<]+)</.exec(body?.toString() ?? "")?.[1];
      this.homes.set(bucket, constraint === "EU" ? "eu-west-1" : (constraint ?? target.region));
    }
    if (name === "DeleteBucket") this.homes.delete(bucket);
    const change = changeOf(operation, target.query, incoming.headers);
    if (change) this.onChange(change, { userAgent: request.headers["user-agent"] ?? "" });
  }

  async #replicationHeader(operation: S3Operation, incoming: http.IncomingMessage): Promise<Record<string, string>> {
    const versionId = incoming.headers["x-amz-version-id"];
    const isRead = operation.name === "GetObject" || operation.name === "HeadObject";
    if (!isRead || !isSuccess(incoming) || typeof versionId !== "string") return {};
    const status = await this.replicationStatus(operation.bucket, operation.key, versionId);
    return status === undefined ? {} : { "x-amz-replication-status": status };
  }
}

const isSuccess = ({ statusCode = 500 }: http.IncomingMessage): boolean => statusCode >= 200 && statusCode < 300;
