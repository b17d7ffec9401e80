/** Failover by a single metric value in the alternate region. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { PutMetricAlarmCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import type { RecordedResource } from "../../providers/aws/index.ts";
import { healthCheckerAgent, startTraffic } from "../../traffic/index.ts";
import type { Traffic } from "../../traffic/index.ts";
import { central, openBench, west } from "../aws/support.ts";
import type { Bench } from "../aws/support.ts";

const hostname = "api.shop.example";

const recorded = (type: string, id: string, inputs: RecordedResource["inputs"]): RecordedResource => ({
  type: `aws:route53/${type}`,
  id,
  inputs,
  outputs: {},
  name: id,
  urn: `urn:${id}`,
  region: "global",
  real: false,
});

const record = (site: string, type: string, over: RecordedResource["inputs"] = {}): RecordedResource =>
  recorded("record:Record", site, {
    name: hostname,
    type: "CNAME",
    records: [`${site}.sites.example`],
    setIdentifier: site,
    failoverRoutingPolicies: [{ type }],
    ...over,
  });

const resources = [
  record("primary", "PRIMARY", { healthCheckId: "switch" }),
  record("alternate", "SECONDARY"),
  recorded("healthCheck:HealthCheck", "switch", {
    type: "CLOUDWATCH_METRIC",
    cloudwatchAlarmName: "alternate-serves-traffic",
    cloudwatchAlarmRegion: central,
    insufficientDataHealthStatus: "LastKnownStatus",
  }),
];

const metric = { Namespace: "Shop", MetricName: "AlternateServesTraffic" };
const Dimensions = [{ Name: "Application", Value: "shop" }];

describe("the traffic switch", function () {
  this.timeout(60_000);
  let bench: Bench;
  let traffic: Traffic;
  const sites = new Map<string, http.Server>();

  before(async () => {
    bench = await openBench();
    for (const site of ["primary", "alternate"]) {
      const server = http.createServer((_request, response) => response.end(site));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      sites.set(`${site}.sites.example`, server);
    }
    await bench.cloudWatch(central).send(
      new PutMetricAlarmCommand({
        ...metric,
        AlarmName: "alternate-serves-traffic",
        Dimensions,
        Statistic: "Maximum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0.5,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "ignore",
      }),
    );
    traffic = await startTraffic({
      hostname,
      records: () => resources,
      siteAddress: (name) => {
        const address = sites.get(name)?.address() as AddressInfo | undefined;
        return Promise.resolve(address && `http://127.0.0.1:${address.port}`);
      },
      alarmEndpoint: (region) => bench.aws.endpoint(region),
      credentials: bench.aws.credentials,
    });
  });
  after(async () => {
    await traffic?.stop();
    for (const server of sites.values()) {
      server.closeAllConnections();
      server.close();
    }
    await bench?.close();
  });

  const answer = async (): Promise<string> => (await fetch(traffic.url)).text();
  const publish = (Value: number, of = Dimensions): Promise<unknown> =>
    bench.cloudWatch(central).send(
      new PutMetricDataCommand({
        Namespace: metric.Namespace,
        MetricData: [{ MetricName: metric.MetricName, Dimensions: of, Value }],
      }),
    );

  it("leads to the primary before anything was published, and after another application's value", async () => {
    expect(await answer()).to.equal("primary");
    await publish(1, [{ Name: "Application", Value: "another" }]);
    await sleep(600);
    expect([traffic.current(), await answer()]).to.deep.equal(["primary", "primary"]);
  });

  it("moves within a second of the published value, with the primary region cut", async () => {
    bench.aws.cut(west);
    const publishedAt = Date.now();
    await publish(1);
    while (traffic.current() !== "alternate" && Date.now() - publishedAt < 5_000) await sleep(10);
    expect(Date.now() - publishedAt).to.be.below(1_000);
    expect(await answer()).to.equal("alternate");
    expect(traffic.history().map(({ target }) => target)).to.deep.equal(["primary", "alternate"]);
    const late = bench.aws.calls().filter(({ at }) => at >= publishedAt);
    expect(late.filter(({ region }) => region !== central)).to.deep.equal([]);
    expect(late.some(({ userAgent }) => userAgent?.includes(healthCheckerAgent))).to.equal(true);
  });

  it("stays where it is while the switch's own region does not answer", async () => {
    bench.aws.cut(central);
    await sleep(800);
    expect(traffic.current()).to.equal("alternate");
    bench.aws.restore(central);
    await sleep(800);
    expect(traffic.current()).to.equal("alternate");
  });
});
