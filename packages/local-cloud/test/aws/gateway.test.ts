/** The gateway before a fake emulator in this process. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Change } from "../../aws/changes.ts";
import { Gateway } from "../../aws/gateway.ts";

const regions = ["eu-west-1", "eu-central-1"];

interface Answered {
  status: number | "broken";
  headers: http.IncomingHttpHeaders;
  body: string;
}

interface Asked {
  method?: string;
  path?: string;
  signedFor?: string;
  service?: string;
  headers?: Record<string, string>;
  body?: string;
}

function ask(url: string, asked: Asked): Promise<Answered> {
  const { method = "GET", path = "/", signedFor = "eu-west-1", service = "s3", headers = {}, body } = asked;
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIA/20261123/${signedFor}/${service}/aws4_request`;
  return new Promise((resolve) => {
    const request = http.request(`${url}${path}`, { method, agent: false, headers: { authorization, ...headers } });
    request.on("error", () => resolve({ status: "broken", headers: {}, body: "" }));
    request.on("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on("error", () => resolve({ status: "broken", headers: {}, body: text }));
    });
    request.end(body);
  });
}

describe("the gateway", () => {
  let emulator: http.Server;
  let gateway: Gateway;
  let received: { url: string; headers: http.IncomingHttpHeaders; body: string }[];
  let answerLate: number;
  let abandoned: number;

  beforeEach(async () => {
    received = [];
    answerLate = 0;
    abandoned = 0;
    emulator = http.createServer((request, response) => {
      let body = "";
      request.on("error", () => (abandoned += 1));
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        received.push({ url: request.url ?? "", headers: request.headers, body });
        setTimeout(() => response.writeHead(200, { "x-amz-version-id": "v1" }).end("answer"), answerLate);
      });
    });
    await new Promise<void>((resolve) => emulator.listen(0, "127.0.0.1", resolve));
    const { port } = emulator.address() as AddressInfo;
    gateway = new Gateway({ regions, globalRegion: "us-east-1", emulatorPort: port });
    await gateway.start();
  });

  afterEach(async () => {
    await gateway.stop();
    emulator.closeAllConnections();
    await new Promise((resolve) => emulator.close(resolve));
  });

  const west = (): string => gateway.endpoint("eu-west-1");

  it("forwards a request unchanged, marked as received by TLS", async () => {
    const path = "/orders/a%20b?versionId=1&x-id=PutObject";
    const { body } = await ask(west(), { method: "PUT", path, body: "content", headers: { "x-amz-meta-a": "b" } });
    expect(body).to.equal("answer");
    expect(received[0]).to.include({ url: path, body: "content" });
    expect(received[0]?.headers).to.include({
      "x-amz-meta-a": "b",
      "x-forwarded-proto": "https",
      host: new URL(west()).host,
    });
  });

  it("records every request with region, service, operation, status and user agent", async () => {
    const before = Date.now();
    await ask(west(), { method: "PUT", path: "/orders/a", headers: { "user-agent": "tester/1" }, body: "x" });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    await ask(west(), {
      method: "POST",
      service: "sns",
      signedFor: "eu-central-1",
      headers: form,
      body: "Action=Publish",
    });
    await ask(west(), {
      method: "POST",
      service: "iam",
      signedFor: "us-east-1",
      headers: form,
      body: "Action=GetRole",
    });
    const calls = gateway.calls();
    expect(calls.map(({ region, service, operation, status }) => [region, service, operation, status])).to.deep.equal([
      ["eu-west-1", "s3", "PutObject", 200],
      ["eu-central-1", "sns", "Publish", 200],
      ["global", "iam", "GetRole", 200],
    ]);
    expect(calls[0]?.userAgent).to.equal("tester/1");
    expect(calls[0]?.at).to.be.within(before, Date.now());
  });

  it("refuses requests for a cut region wherever they arrive, and records them", async () => {
    gateway.cut("eu-west-1");
    const central = gateway.endpoint("eu-central-1");
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect((await ask(west(), { path: "/orders" })).status).to.equal("broken");
    expect((await ask(central, { path: "/orders/a" })).status).to.equal("broken");
    expect(
      (await ask(central, { method: "POST", service: "sns", headers: form, body: "Action=Publish" })).status,
    ).to.equal("broken");
    expect((await ask(central, { path: "/orders/a", signedFor: "eu-central-1" })).status).to.equal(200);
    expect(gateway.calls().map(({ region, operation, status }) => [region, operation, status])).to.deep.equal([
      ["eu-west-1", "ListObjects", "refused"],
      ["eu-west-1", "GetObject", "refused"],
      ["eu-west-1", "Publish", "refused"],
      ["eu-central-1", "GetObject", 200],
    ]);
    expect(received).to.have.length(1);
    gateway.restore("eu-west-1");
    expect((await ask(west(), { path: "/orders/a" })).status).to.equal(200);
  });

  it("breaks requests that are under way when their region is cut, and no others", async () => {
    answerLate = 150;
    const lost = ask(west(), { path: "/orders/a" });
    const kept = ask(west(), { path: "/orders/a", signedFor: "eu-central-1" });
    while (received.length < 2) await sleep(5);
    gateway.cut("eu-west-1");
    expect((await lost).status).to.equal("broken");
    expect((await kept).status).to.equal(200);
    expect(gateway.calls().map(({ status }) => status)).to.have.members(["refused", 200]);
  });

  it("breaks an upload in the middle: the emulator never sees its end", async () => {
    const authorization = "AWS4-HMAC-SHA256 Credential=AKIA/20261123/eu-west-1/s3/aws4_request";
    const headers = { authorization, "content-length": 1000 };
    const request = http.request(`${west()}/orders/a`, { method: "PUT", headers });
    const broken = new Promise((resolve) => request.on("error", resolve));
    request.write("x".repeat(500));
    while (gateway.calls().length === 0 && received.length === 0) {
      await sleep(20);
      gateway.cut("eu-west-1");
    }
    await broken;
    await sleep(20);
    expect(received).to.deep.equal([]);
    expect(abandoned, "its connection to the emulator is closed").to.equal(1);
    expect(gateway.calls()).to.have.length(1);
    expect(gateway.calls()[0]).to.include({ operation: "PutObject", status: "refused" });
  });

  it("cuts the global control planes with their region", async () => {
    gateway.cut("us-east-1");
    expect((await ask(gateway.endpoint("global"), { service: "iam", signedFor: "us-east-1" })).status).to.equal(
      "broken",
    );
    expect((await ask(west(), { path: "/orders/a" })).status).to.equal(200);
  });

  it("rejects faults for unknown regions", () => {
    for (const act of [
      () => gateway.cut("eu-west-2"),
      () => gateway.slow("eu-west-2", 1),
      () => gateway.fail("x", { status: 500 }),
    ])
      expect(act).to.throw(/no gateway for region/);
  });

  it("delays what is slow", async () => {
    gateway.slow("eu-west-1", 120);
    const startedAt = Date.now();
    await ask(west(), { path: "/orders/a", signedFor: "eu-central-1" });
    expect(Date.now() - startedAt).to.be.below(100);
    await ask(west(), { path: "/orders/a" });
    expect(Date.now() - startedAt).to.be.at.least(115);
  });

  it("injects a failure without forwarding the request", async () => {
    gateway.fail("eu-west-1", { service: "s3", operation: "PutObject", status: 503, times: 1 });
    const put = { method: "PUT", path: "/orders/a", body: "x" };
    const failed = await ask(west(), put);
    expect(failed.status).to.equal(503);
    expect(failed.body).to.contain("<Code>SlowDown</Code>");
    expect(received).to.deep.equal([]);
    expect((await ask(west(), put)).status).to.equal(200);
    expect(gateway.calls().map(({ status }) => status)).to.deep.equal([503, 200]);
  });

  it("rejects what the emulator would misread", async () => {
    const unknown = await ask(west(), { method: "DELETE", path: "/orders?metrics" });
    expect(unknown.status).to.equal(501);
    expect(unknown.body).to.contain("<Code>NotImplemented</Code>");
    for (const method of ["GET", "PUT", "DELETE"])
      expect((await ask(west(), { method, path: "/orders?metrics&id=all" })).status, method).to.equal(501);
    expect(received).to.deep.equal([]);
  });

  it("does not copy out of a region that is cut", async () => {
    await ask(west(), { method: "PUT", path: "/orders" });
    gateway.cut("eu-west-1");
    const copy = {
      method: "PUT",
      path: "/copies/a",
      signedFor: "eu-central-1",
      headers: { "x-amz-copy-source": "/orders/a" },
    };
    expect((await ask(west(), copy)).status).to.equal(503);
    expect(received.map(({ url }) => url)).to.deep.equal(["/orders"]);
  });

  it("reports a change before the client receives the response", async () => {
    const changes: Change[] = [];
    gateway.onChange = (change) => changes.push(change);
    gateway.replicationStatus = (bucket, key, versionId) => Promise.resolve(`${bucket} ${key} ${versionId}`);
    await ask(west(), { method: "PUT", path: "/orders/a", body: "x" });
    expect(changes).to.deep.equal([{ kind: "created", bucket: "orders", key: "a", versionId: "v1" }]);
    const { headers } = await ask(west(), { path: "/orders/a" });
    expect(headers["x-amz-replication-status"]).to.equal("orders a v1");
  });

  it("responds with 503 if the emulator is gone", async () => {
    emulator.closeAllConnections();
    emulator.close();
    const { status, body } = await ask(west(), { path: "/orders/a" });
    expect(status).to.equal(503);
    expect(body).to.contain("local gateway");
  });
});
