import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createSocketServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { RequestError, send, wholeBody } from "../../../jobs/wire/http.ts";

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

async function refusalOf(work: Promise<unknown>): Promise<{ error: RequestError; seconds: number }> {
  const startedAt = performance.now();
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(RequestError);
  return { error: error as RequestError, seconds: (performance.now() - startedAt) / 1000 };
}

describe("a request to the database", () => {
  let server: Server;
  beforeEach(async () => {
    server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const get = (timeoutSeconds: number, signal?: AbortSignal) =>
    send({ url: new URL(`http://127.0.0.1:${portOf(server)}/x`), method: "GET", timeoutSeconds, signal });

  it("times out if connecting hangs: the connection is accepted without a handshake", async () => {
    const silent = createSocketServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const url = new URL(`https://127.0.0.1:${portOf(silent)}/`);
    const { error, seconds } = await refusalOf(send({ url, method: "GET", timeoutSeconds: 0.2 }));
    expect(error.timedOut).to.equal(true);
    expect(seconds).to.be.within(0.15, 2);
    silent.close();
  });

  it("times out without a response", async () => {
    const { error } = await refusalOf(get(0.2));
    expect(error.message).to.contain("no response within 0.2 s");
  });

  it("times out if a body stalls, but not because its consumer is slow", async () => {
    server.on("request", (_, response) => response.write("half"));
    const stalled = await get(0.2);
    expect((await refusalOf(wholeBody(stalled))).error.timedOut).to.equal(true);

    server.removeAllListeners("request").on("request", (_, response) => {
      response.write("one");
      setTimeout(() => response.end("two"), 50);
    });
    const answer = await get(0.2);
    let text = "";
    for await (const piece of answer.body) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      text += piece.toString();
    }
    expect(text).to.equal("onetwo");
  });

  it("does not accept a truncated body", async () => {
    server.on("request", (_, response) => response.write("half", () => response.destroy()));
    await refusalOf(get(5).then(wholeBody));
  });

  it("ends when aborted", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const { seconds } = await refusalOf(get(20, stop.signal));
    expect(seconds).to.be.below(5);
  });
});
