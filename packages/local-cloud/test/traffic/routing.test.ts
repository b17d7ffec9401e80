/** Records, routing and the proxy, with sites in this process. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { RecordedResource } from "../../providers/aws/index.ts";
import type { AlarmState } from "../../traffic/alarm.ts";
import { EndpointProber } from "../../traffic/endpoint-prober.ts";
import { FailoverRouting } from "../../traffic/failover-routing.ts";
import { startProxy } from "../../traffic/proxy.ts";
import { dnsView } from "../../traffic/records.ts";
import type { EndpointCheck } from "../../traffic/records.ts";

const hostname = "api.shop.example";

const recorded = (type: string, id: string, inputs: RecordedResource["inputs"]): RecordedResource => ({
  type,
  id,
  inputs,
  outputs: {},
  name: id,
  urn: `urn:${id}`,
  region: "global",
  real: false,
});

const record = (site: "primary" | "alternate", over: RecordedResource["inputs"] = {}): RecordedResource =>
  recorded("aws:route53/record:Record", site, {
    name: hostname,
    type: "CNAME",
    records: [`${site}.sites.example`],
    setIdentifier: site,
    failoverRoutingPolicies: [{ type: site === "primary" ? "PRIMARY" : "SECONDARY" }],
    ...over,
  });

const check = (over: RecordedResource["inputs"] = {}): RecordedResource =>
  recorded("aws:route53/healthCheck:HealthCheck", "switch", {
    type: "CLOUDWATCH_METRIC",
    cloudwatchAlarmName: "alternate-serves",
    cloudwatchAlarmRegion: "eu-central-1",
    insufficientDataHealthStatus: "LastKnownStatus",
    ...over,
  });

const resources = [record("primary", { healthCheckId: "switch" }), record("alternate"), check()];

describe("recorded Route 53 resources", () => {
  it("are read as the program made them", () => {
    const { records, checks } = dnsView(resources, hostname);
    expect(records).to.deep.equal([
      { target: "primary", hostname: "primary.sites.example", healthCheckId: "switch" },
      { target: "alternate", hostname: "alternate.sites.example", healthCheckId: undefined },
    ]);
    expect(checks.get("switch")).to.deep.equal({
      id: "switch",
      kind: "alarm",
      inverted: false,
      disabled: false,
      alarm: "alternate-serves",
      region: "eu-central-1",
      whenInsufficient: "last-known",
    });
  });

  it("answer for their own name only, however it is written", () => {
    expect(dnsView([record("primary", { name: "other.example" })], hostname).records).to.deep.equal([]);
    expect(dnsView([record("primary", { type: "TXT" })], hostname).records).to.deep.equal([]);
    expect(dnsView([record("primary", { name: "API.shop.example." })], hostname).records).to.have.length(1);
    const alias = record("primary", { records: [], aliases: [{ name: "Load-Balancer.example." }] });
    expect(dnsView([alias], hostname).records[0]?.hostname).to.equal("load-balancer.example");
  });

  it("of a kind that is not emulated are refused by name", () => {
    expect(() => dnsView([check({ type: "RECOVERY_CONTROL" })], hostname)).to.throw(
      "health check switch: type RECOVERY_CONTROL is not emulated",
    );
  });
});

describe("failover routing over time", () => {
  let state: AlarmState;
  let made: RecordedResource[];
  let routing: FailoverRouting;
  beforeEach(() => {
    state = "OK";
    made = resources;
    routing = new FailoverRouting({
      hostname,
      records: () => made,
      alarms: { state: () => Promise.resolve(state) },
      endpoints: { isUp: () => Promise.resolve(true) },
    });
  });
  afterEach(() => routing.stop());

  async function settled(target: string | undefined): Promise<void> {
    for (let tries = 0; routing.record()?.target !== target && tries < 100; tries++) await sleep(10);
    expect(routing.record()?.target).to.equal(target);
  }

  it("leads to the primary, to the alternate once the alarm is on, and remembers it", async () => {
    await routing.start();
    expect(routing.record()?.target).to.equal("primary");
    const switchedAt = Date.now();
    state = "ALARM";
    await settled("alternate");
    expect(Date.now() - switchedAt).to.be.below(500);
    state = "INSUFFICIENT_DATA";
    await sleep(300);
    expect(routing.history().map(({ target }) => target)).to.deep.equal(["primary", "alternate"]);
    expect(routing.history()[1]?.at).to.be.within(switchedAt, Date.now());
  });

  it("has no target before there are records, and reports why it cannot decide", async () => {
    made = [];
    await routing.start();
    expect([routing.record(), routing.problem()]).to.deep.equal([undefined, undefined]);
    made = [record("primary", { healthCheckId: "switch" }), check({ type: "RECOVERY_CONTROL" })];
    while (routing.problem() === undefined) await sleep(10);
    expect(routing.problem()).to.contain("RECOVERY_CONTROL");
    made = resources;
    await settled("primary");
    expect(routing.problem()).to.equal(undefined);
  });
});

async function site(answer: http.RequestListener): Promise<{ url: string; close: () => Promise<unknown> }> {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<unknown> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    return closed;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

describe("the traffic proxy", () => {
  it("streams requests and responses, with the host name", async () => {
    const one = await site((request, response) => {
      response.writeHead(201, { "x-host": request.headers.host });
      request.pipe(response);
    });
    const proxy = await startProxy(() => Promise.resolve({ url: one.url }));
    try {
      const got = await new Promise<{ status: number | undefined; host: unknown; body: string }>((resolve, reject) => {
        const request = http.request(`${proxy.url}/v1/entries?a=b`, { method: "POST", headers: { host: hostname } });
        request.on("error", reject).on("response", (response) => {
          let body = "";
          response.on("data", (chunk: Buffer) => {
            body += chunk.toString();
            if (body === "first") request.end(" second");
          });
          response.on("end", () => resolve({ status: response.statusCode, host: response.headers["x-host"], body }));
        });
        request.write("first"); // its echo arrives before the request has ended, or this test hangs
      });
      expect(got).to.deep.equal({ status: 201, host: hostname, body: "first second" });
    } finally {
      await proxy.stop();
      await one.close();
    }
  });

  it("responds with 503 without a target and with 502 if the site does not answer", async () => {
    const gone = await site(() => undefined);
    await gone.close();
    let to: { url: string } | { reason: string } = { reason: "no record answers" };
    const proxy = await startProxy(() => Promise.resolve(to));
    try {
      const nowhere = await fetch(proxy.url);
      expect([nowhere.status, await nowhere.json()]).to.deep.equal([503, { reason: "no record answers" }]);
      to = { url: gone.url };
      const dead = await fetch(proxy.url);
      expect(dead.status).to.equal(502);
      expect(await dead.text()).to.contain("does not answer");
    } finally {
      await proxy.stop();
    }
  });

  it("breaks the site's request when the client goes away, and the client's when the site breaks off", async () => {
    const { promise: siteLost, resolve: lost } = Promise.withResolvers<void>();
    const one = await site((request, response) => {
      response.writeHead(200).write("begun");
      if (request.url === "/breaks") setTimeout(() => response.destroy(), 20);
      else response.once("close", lost);
    });
    const proxy = await startProxy(() => Promise.resolve({ url: one.url }));
    const get = (path: string): Promise<http.IncomingMessage> =>
      new Promise((resolve, reject) => http.get(`${proxy.url}${path}`, resolve).on("error", reject));
    try {
      (await get("/waits")).destroy();
      await siteLost;
      const broken = await get("/breaks");
      const outcome = await new Promise((resolve) => broken.resume().on("error", resolve).on("end", resolve));
      expect(outcome).to.be.an("error");
    } finally {
      await proxy.stop();
      await one.close();
    }
  });

  it("breaks open requests when it stops", async () => {
    const one = await site(() => undefined);
    const proxy = await startProxy(() => Promise.resolve({ url: one.url }));
    const open = fetch(proxy.url).then(
      () => "answered",
      () => "broken",
    );
    await sleep(50);
    await proxy.stop();
    expect(await open).to.equal("broken");
    await one.close();
  });
});

describe("the endpoint prober", () => {
  const endpoint: EndpointCheck = {
    id: "e",
    kind: "endpoint",
    protocol: "http",
    hostname: "primary.sites.example",
    path: "/healthz",
    failureThreshold: 1,
    inverted: false,
    disabled: false,
  };

  it("requests the path with the site's host name, and checks status and text", async () => {
    const seen: unknown[] = [];
    let status = 200;
    const one = await site((request, response) => {
      seen.push([request.headers.host, request.url]);
      response.writeHead(status).end("all is well");
    });
    const prober = new EndpointProber(() => Promise.resolve(one.url));
    try {
      expect(await prober.isUp(endpoint)).to.equal(true);
      expect(seen).to.deep.equal([["primary.sites.example", "/healthz"]]);
      expect(await prober.isUp({ ...endpoint, search: "well" })).to.equal(true);
      expect(await prober.isUp({ ...endpoint, search: "ill" })).to.equal(false);
      expect(await prober.isUp({ ...endpoint, protocol: "tcp" })).to.equal(true);
      status = 500;
      expect(await prober.isUp(endpoint)).to.equal(false);
    } finally {
      await one.close();
    }
    expect(await prober.isUp({ ...endpoint, protocol: "tcp" })).to.equal(false);
  });

  it("treats an unknown name as down", async () => {
    expect(await new EndpointProber(() => Promise.resolve(undefined)).isUp(endpoint)).to.equal(false);
  });
});
