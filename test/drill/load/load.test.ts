import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { readLedger, seed, startLoad } from "../../../drill/load/index.ts";
import type { LedgerEntry } from "../../../drill/load/index.ts";

const host = "api.vapora.example";

/** A service with an in-memory ledger; `mood` determines its handling of writes. */
class FakeService {
  readonly server: Server;
  readonly entries: LedgerEntry[] = [];
  readonly seen: number[] = [];
  readonly hosts = new Set<string | undefined>();
  sessions = 0;
  mood: "well" | "refusing" | "silent" | "forgetful" = "well";

  constructor() {
    this.server = createServer((request, response) => {
      void this.#answer(request).then((answer) => {
        if (answer) response.writeHead(answer[0]).end(JSON.stringify(answer[1]));
      });
    });
  }

  async #answer(request: IncomingMessage): Promise<[number, unknown] | undefined> {
    this.hosts.add(request.headers.host);
    const url = new URL(request.url ?? "/", "http://x");
    if (url.pathname === "/v1/session") return [200, { token: `token-${++this.sessions}` }];
    if (request.method === "GET") {
      const from = Number(url.searchParams.get("from"));
      const found = this.entries.filter(({ n }) => n >= from).sort((a, b) => a.n - b.n);
      return [200, { entries: found.slice(0, Number(url.searchParams.get("limit"))) }];
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as LedgerEntry | LedgerEntry[];
    const rows = Array.isArray(body) ? body : [body];
    this.seen.push(...rows.map(({ n }) => n));
    if (this.mood === "refusing") return [503, { reason: "not ready" }];
    if (this.mood === "silent") return undefined;
    if (this.mood === "forgetful" && request.headers.authorization === "Bearer token-1") return [401, {}];
    const stored = rows.map(({ n, payload }) => ({ n, payload, at: new Date().toISOString() }));
    this.entries.push(...stored);
    return [201, Array.isArray(body) ? { entries: stored } : stored[0]];
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("load on a service", () => {
  let service: FakeService;
  let url: string;

  beforeEach(async () => {
    service = new FakeService();
    await new Promise<void>((resolve) => service.server.listen(0, "127.0.0.1", () => resolve()));
    url = `http://127.0.0.1:${(service.server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    service.server.closeAllConnections();
    service.server.close();
  });

  const start = (firstNumber = 0) =>
    startLoad({ url, host, ratePerSecond: 100, requestTimeoutSeconds: 0.2, firstNumber });

  it("numbers its attempts without gaps or repetition, with the right host", async () => {
    const load = start(500);
    await pause(300);
    await load.stop();
    expect(service.seen.toSorted((a, b) => a - b)).to.deep.equal(
      Array.from({ length: load.attempts }, (_, i) => 500 + i),
    );
    expect(load.acknowledged.length).to.equal(load.attempts);
    expect([...service.hosts]).to.deep.equal([host]);
    expect(load.attempts).to.be.greaterThan(15).and.lessThan(60);
  });

  it("does not count refused or unanswered writes, and continues meanwhile", async () => {
    const load = start();
    await pause(100);
    service.mood = "refusing";
    await pause(100);
    service.mood = "silent";
    await pause(100);
    service.mood = "well";
    await pause(400);
    await load.stop();
    expect(load.acknowledged.map(({ n }) => n).toSorted((a, b) => a - b)).to.deep.equal(
      service.entries.map(({ n }) => n).toSorted((a, b) => a - b),
    );
    const { failures, outages, attempts, succeeded } = load.availability();
    expect(attempts).to.equal(load.attempts);
    expect(succeeded).to.equal(load.acknowledged.length);
    expect(Object.keys(failures).join()).to.include("returned HTTP 503").and.include("no response within 0.2 s");
    expect(outages.at(-1)?.firstSuccessAfterAt).to.be.a("number");
    expect(new Set(service.seen).size, "no number is tried twice").to.equal(service.seen.length);
  });

  it("signs in again when its token is rejected", async () => {
    service.mood = "forgetful";
    const load = start();
    await pause(200);
    await load.stop();
    expect(service.sessions).to.be.greaterThan(1);
    expect(load.acknowledged.length).to.be.greaterThan(0);
  });

  it("continues without a server, and ends when stopped", async () => {
    service.server.close();
    service.server.closeAllConnections();
    const load = start();
    await pause(100);
    await load.stop();
    expect(load.acknowledged).to.deep.equal([]);
    expect(load.availability().succeeded).to.equal(0);
    expect(load.attempts).to.be.greaterThan(3);
  });

  it("seeds every row once and reads all back", async () => {
    const acknowledged = await seed(url, host, 12_345);
    expect(acknowledged.map(({ n }) => n)).to.deep.equal(Array.from({ length: 12_345 }, (_, n) => n));
    service.entries.push({ n: 4999, payload: "twice", at: "" }, { n: -5, payload: "before", at: "" });
    const entries = await readLedger(url, host);
    expect(entries).to.have.length(12_347);
    expect(entries.filter(({ n }) => n === 4999)).to.have.length(2);
    expect(await seed(url, host, 0)).to.deep.equal([]);
  });

  it("does not report a rejected seed as success", async () => {
    service.mood = "refusing";
    const failure = await seed(url, host, 10).then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(failure).to.include("503");
  });
});
