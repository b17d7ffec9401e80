import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Database } from "../../../jobs/database/client.ts";
import { takeLease } from "../../../jobs/standby/lease.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";

const leaseSeconds = 1.2;

describe("the lease on the standby database", () => {
  const context = { signal: new AbortController().signal, log: () => undefined };
  let silent: boolean;
  let proxy: Server;
  let server: Database;

  beforeEach(async () => {
    silent = false;
    const { address } = await freshDatabase();
    const target = new URL(address.url);
    proxy = createServer((socket) => {
      const onward = connect(Number(target.port), target.hostname);
      socket.on("data", (data) => !silent && onward.write(data)).on("error", () => undefined);
      onward.on("data", (data) => !silent && socket.write(data)).on("error", () => undefined);
      socket.on("close", () => onward.destroy());
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const { port } = proxy.address() as AddressInfo;
    server = new Database({ ...address, url: `http://127.0.0.1:${port}` }, "");
    await takeAndRelease();
  });
  afterEach(() => proxy.close());
  after(stopEngine);

  const take = (urgent = false) => takeLease(server, { leaseSeconds, waitSeconds: 0.3, urgent }, context);
  async function takeAndRelease(): Promise<void> {
    await (await take())?.release();
  }

  it("is held by one run at a time, as long as it is renewed", async () => {
    const lease = await take();
    await sleep(leaseSeconds * 1500);
    expect(lease?.signal.aborted).to.equal(false);
    expect(await take()).to.equal(undefined);
    await lease?.release();
    await takeAndRelease();
  });

  it("ends the holder's work if the database does not respond for the lifetime of the lease", async () => {
    const lease = await take();
    silent = true;
    const startedAt = performance.now();
    if (lease) await once(lease.signal, "abort");
    expect(performance.now() - startedAt).to.be.below(leaseSeconds * 1000 + 200);
    expect(String(lease?.signal.reason)).to.contain("could not be renewed in time");
    await lease?.release();
  });

  it("survives a renewal without a response", async () => {
    const lease = await take();
    silent = true;
    await sleep(leaseSeconds * 500);
    silent = false;
    await sleep(leaseSeconds * 1000);
    expect(lease?.signal.aborted).to.equal(false);
    await lease?.release();
  });

  it("is yielded to a promotion well before its next renewal", async () => {
    const wait = { leaseSeconds: 9, waitSeconds: 10 };
    const follower = await takeLease(server, { ...wait, urgent: false }, context);
    follower?.signal.addEventListener("abort", () => void follower.release());
    const askedAt = performance.now();
    const promotion = await takeLease(server, { ...wait, urgent: true }, context);
    const seconds = (performance.now() - askedAt) / 1000;
    await promotion?.release();
    expect(seconds).to.be.below(1.5); // renewed every 3 s
    expect(String(follower?.signal.reason)).to.contain("yielding to a promotion");
  });
});
