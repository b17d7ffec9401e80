import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { expect } from "chai";
import { probeSite } from "../../continuity/site-probe.ts";
import { defaultProbes, siteEndpoint } from "../../contract/index.ts";

const hostname = "primary.vapora.example";
const probe = (port: number, limits: { timeoutSeconds?: number; connectSeconds?: number } = {}) =>
  probeSite({
    hostname,
    endpoint: siteEndpoint(undefined),
    probe: defaultProbes.traffic,
    resolve: { [hostname]: `http://127.0.0.1:${port}` },
    ...limits,
  });

/** Listens without accepting, on a blocked thread: with a full queue it is as silent as a dead address. */
const standstill = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

describe("a probe of a host name", () => {
  it("finds no site if the connection is refused", async () => {
    expect(await probe(1)).to.include({ answers: false, unclear: false, serves: false });
  });

  it("finds no site if no connection is accepted, sooner than for a slow response", async () => {
    const worker = new Worker(standstill, { eval: true });
    const [port] = (await once(worker, "message")) as [number];
    const queue = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    await once(queue[0] as (typeof queue)[0], "connect");
    const seen = await probe(port, { connectSeconds: 0.5 });
    for (const socket of queue) socket.destroy();
    await worker.terminate();
    expect(seen).to.include({ answers: false, unclear: false, serves: false });
    expect(seen.facts).to.match(/is unreachable \(no connection within 0.5 s\)/);
  });

  it("is unclear if the connection is accepted without a response", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const seen = await probe((silent.address() as AddressInfo).port, { timeoutSeconds: 0.5 });
    expect(seen).to.include({ answers: false, unclear: true, serves: false });
    expect(seen.facts).to.match(/accepts connections but does not respond .*within 0.5 s/);
    silent.close();
  });
});
