/** Which site publishes the value of the traffic switch: the writer that has the traffic already, and nobody else. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { SiteName } from "../../contract/index.ts";
import type { Writer } from "../../jobs/points/writer.ts";
import type { GuardedBucket, Reading } from "../../jobs/read-record.ts";
import { readSettings } from "../../jobs/settings.ts";
import { decide, positionOf, watchOnce, type SwitchPosition } from "../../jobs/traffic-watch.ts";

const since = "2026-01-15T10:00:00.000Z";
const record = (site: SiteName, epoch: number): Writer => ({ site, epoch, since });
const own = (writer: Writer | undefined): Reading => ({ bucket: "own", writer });
const other = (writer: Writer | undefined): Reading => ({ bucket: "other", writer });
const silent: Reading = { bucket: "other", unreachable: "no response within 20 s" };

describe("the value of the traffic switch", () => {
  const published: [string, SiteName, Reading[], SwitchPosition, 0 | 1][] = [
    ["0 by the primary before any failover", "primary", [own(undefined), other(undefined)], "primary", 0],
    ["0 by the primary that is recorded", "primary", [own(record("primary", 3)), silent], "primary", 0],
    ["1 by the promoted alternate", "alternate", [own(record("alternate", 2)), silent], "alternate", 1],
    [
      "1 by the alternate whose region's record is the newer one",
      "alternate",
      [own(record("alternate", 2)), other(record("primary", 1))],
      "alternate",
      1,
    ],
  ];
  for (const [what, site, readings, position, value] of published) {
    it(`is published as ${what}`, () => expect(decide(site, readings, position)).to.deep.equal({ publish: value }));
  }

  const withheld: [string, SiteName, Reading[], SwitchPosition, RegExp][] = [
    ["by a standby", "alternate", [own(record("primary", 1)), silent], "primary", /the primary site is the writer/],
    [
      "by an alternate without any record",
      "alternate",
      [own(undefined), other(undefined)],
      "alternate",
      /primary site/,
    ],
    [
      "by a superseded primary that sees the other record only",
      "primary",
      [own(record("primary", 1)), other(record("alternate", 2))],
      "primary",
      /the alternate site is the writer \(epoch 2\)/,
    ],
    [
      "before the failover has switched",
      "alternate",
      [own(record("alternate", 2)), silent],
      "primary",
      /finish the fail/,
    ],
    [
      "after a failback that has not switched",
      "primary",
      [own(record("primary", 3)), silent],
      "alternate",
      /finish the/,
    ],
    ["while the switch is unknown", "alternate", [own(record("alternate", 2)), silent], undefined, /is unknown/],
    [
      "while the own record is unreadable",
      "primary",
      [{ bucket: "own", unreachable: "timeout" }, other(record("primary", 1))],
      "primary",
      /record of own cannot be read/,
    ],
    ["while the own record is refused", "alternate", [{ bucket: "own", refused: "not JSON" }], "alternate", /of own/],
    ["without any bucket", "primary", [], "primary", /this region cannot be read/],
  ];
  for (const [what, site, readings, position, reason] of withheld) {
    it(`is not published ${what}`, () => {
      const decision = decide(site, readings, position);
      expect(decision).not.to.have.property("publish");
      expect(decision).to.have.property("reason").that.matches(reason);
    });
  }

  it("points to the alternate site only in ALARM, and nowhere if the alarm is unknown", () => {
    expect(["ALARM", "OK", "INSUFFICIENT_DATA", undefined].map(positionOf)).to.deep.equal([
      "alternate",
      "primary",
      "primary",
      undefined,
    ]);
  });
});

describe("the traffic watch's calls", () => {
  let server: Server;
  let calls: { target: string; body: string }[];
  let alarmState: string;
  const environment = { ...process.env };

  const described = () => ({ MetricAlarms: [{ StateValue: alarmState }] });
  const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    return Buffer.concat(parts);
  };

  beforeEach(async () => {
    calls = [];
    alarmState = "ALARM";
    server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const target = String(request.headers["x-amz-target"] ?? request.url);
        calls.push({ target: target.split(".").at(-1) ?? "", body: body.toString() });
        response.setHeader("content-type", "application/x-amz-json-1.0");
        response.end(JSON.stringify(target.endsWith("DescribeAlarms") ? described() : {}));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_CLOUDWATCH: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
    for (const name of ["AWS_ENDPOINT_URL_CLOUDWATCH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
  });

  const settings = readSettings("traffic-watch", {
    SITE: "alternate",
    SITE_ROLE: "active",
    AWS_REGION: "eu-central-1",
    APPLICATION: "shop",
    BUCKET: "own",
    BUCKET_REGION: "eu-central-1",
    OTHER_BUCKET: "other",
    OTHER_BUCKET_REGION: "eu-west-1",
    SWITCH_ALARM: "shop-alternate-serves-traffic",
    SWITCH_REGION: "eu-central-1",
    AWS_TIMEOUT_SECONDS: "5",
  });
  const bucket = (writer: Writer): GuardedBucket => ({ bucket: "own", writer: async () => writer });
  const context = { signal: new AbortController().signal, log: () => undefined };

  it("publish 1 in the switch's own namespace once traffic goes to this site", async () => {
    expect(await watchOnce(settings, [bucket(record("alternate", 2))], context)).to.deep.equal({ published: 1 });
    expect(calls.map(({ target }) => target)).to.deep.equal(["DescribeAlarms", "PutMetricData"]);
    expect(calls[0]!.body).to.contain("shop-alternate-serves-traffic");
    for (const part of ['"Value":1', "VaporaContinuity/TrafficSwitch", "AlternateServesTraffic", "shop"]) {
      expect(calls[1]!.body).to.contain(part);
    }
  });

  it("publish nothing before that", async () => {
    alarmState = "OK";
    const seen = await watchOnce(settings, [bucket(record("alternate", 2))], context);
    expect(seen["published"]).to.equal(undefined);
    expect(calls.map(({ target }) => target)).to.deep.equal(["DescribeAlarms"]);
  });

  it("publish nothing if CloudWatch does not answer, and do not fail", async () => {
    server.close();
    server.closeAllConnections();
    const seen = await watchOnce(settings, [bucket(record("alternate", 2))], context);
    expect(seen).to.deep.equal({ published: undefined, reason: "the position of the traffic switch is unknown" });
  });
});
