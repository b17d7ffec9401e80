import { expect } from "chai";
import { Traffic, type TrafficArgs } from "../../../../components/shared/traffic/index.ts";
import { siteEndpoint } from "../../../../contract/index.ts";
import { plan, refusal, regional, topology } from "../../../support/fixtures.ts";
import { made, ofType, only, settled, startMocks, valueOf } from "../../../support/pulumi-mocks.ts";

const args = (): TrafficArgs => ({
  topology,
  alternate: regional("alternate", topology.alternateRegion),
  global: regional("global", "us-east-1"),
  zoneId: "ZONE",
  publicHostname: "api.shop.example",
  siteHostnames: { primary: "primary.api.shop.example", alternate: "alternate.api.shop.example" },
  traffic: plan.traffic,
  endpoint: siteEndpoint(undefined),
  reachabilityTopic: "arn:reachability",
  switchTopic: "arn:alternate",
});

const build = (changes: Partial<TrafficArgs> = {}): Traffic =>
  new Traffic("shop", { ...args(), ...changes }, { provider: regional("primary", topology.primaryRegion) });

const record = (site: string) => only("aws:route53/record:Record", `shop-${site}`);
const check = (name: string) => only("aws:route53/healthCheck:HealthCheck", name);
const alarm = (name: string) => only("aws:cloudwatch/metricAlarm:MetricAlarm", name);

describe("Traffic", () => {
  let traffic: Traffic;

  before(async () => {
    await startMocks();
    traffic = build();
    await settled();
  });

  describe("switch", () => {
    it("is an alarm in the alternate region, with the name used by failover", async () => {
      expect(alarm("shop-switch").provider).to.equal("alternate");
      expect(await valueOf(traffic.switchAlarmName)).to.equal("shop-alternate-serves-traffic");
    });

    it("is triggered by one value of the metric that failover publishes", () => {
      expect(alarm("shop-switch").inputs).to.include({
        namespace: "VaporaContinuity/TrafficSwitch",
        metricName: "AlternateServesTraffic",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0.5,
        evaluationPeriods: 1,
        period: plan.traffic.switchEvaluation.seconds,
      });
      expect(alarm("shop-switch").inputs["dimensions"]).to.deep.equal({ Application: "shop" });
    });

    it("is thrown by the highest value of its period, and reported in the alternate region", () => {
      expect(alarm("shop-switch").inputs).to.include({ statistic: "Maximum", name: "shop-alternate-serves-traffic" });
      expect(alarm("shop-switch").inputs["alarmActions"]).to.deep.equal(["arn:alternate"]);
      expect(alarm("shop-switch").inputs["okActions"], "and back").to.deep.equal(["arn:alternate"]);
      expect(alarm("shop-switch").inputs["alarmDescription"]).to.contain("AlternateServesTraffic");
    });

    it("raises another alarm while nobody publishes its value, and moves nobody", () => {
      expect(alarm("shop-switch-silent")).to.have.property("provider", "alternate");
      expect(alarm("shop-switch-silent").inputs).to.include({
        namespace: "VaporaContinuity/TrafficSwitch",
        metricName: "AlternateServesTraffic",
        statistic: "Minimum",
        comparisonOperator: "LessThanThreshold",
        threshold: 0,
        evaluationPeriods: 10,
        treatMissingData: "breaching",
      });
      expect(alarm("shop-switch-silent").inputs["alarmActions"]).to.deep.equal(["arn:alternate"]);
      expect(check("shop-switch").inputs["cloudwatchAlarmName"]).to.equal(alarm("shop-switch").inputs["name"]);
    });

    it("keeps its state without data", () => {
      expect(alarm("shop-switch").inputs["treatMissingData"]).to.equal("ignore");
      expect(check("shop-switch").inputs["insufficientDataHealthStatus"]).to.equal("LastKnownStatus");
    });

    it("is followed by the primary record's health check", () => {
      expect(check("shop-switch").inputs).to.include({
        type: "CLOUDWATCH_METRIC",
        cloudwatchAlarmName: "shop-alternate-serves-traffic",
        cloudwatchAlarmRegion: "eu-central-1",
      });
      expect(record("primary").inputs["healthCheckId"]).to.equal("shop-switch-id");
    });

    it("is re-read by Route 53 when its settings change", () => {
      expect(check("shop-switch").inputs["triggers"])
        .to //
        .deep.equal({
          evaluationSeconds: String(plan.traffic.switchEvaluation.seconds),
          threshold: "0.5",
          namespace: "VaporaContinuity/TrafficSwitch",
        });
    });
  });

  describe("records", () => {
    for (const [site, type] of [
      ["primary", "PRIMARY"],
      ["alternate", "SECONDARY"],
    ] as const) {
      it(`send the public name to the ${site} site as ${type}`, () => {
        expect(record(site).inputs).to.include({ name: "api.shop.example", type: "CNAME", setIdentifier: site });
        expect(record(site).inputs["records"]).to.deep.equal([`${site}.api.shop.example`]);
        expect(record(site).inputs["failoverRoutingPolicies"]).to.deep.equal([{ type }]);
        expect(record(site).inputs["zoneId"]).to.equal("ZONE");
        expect(record(site).inputs["ttl"]).to.equal(plan.traffic.dnsTtl.seconds);
      });
    }

    it("never return traffic from the alternate site because of a check", () => {
      expect(record("alternate").inputs).not.to.have.property("healthCheckId");
    });
  });

  for (const site of ["primary", "alternate"] as const) {
    it(`checks the ${site} site externally and raises an alarm in Route 53's metric region`, () => {
      expect(check(`shop-${site}`).inputs).to.include({
        fqdn: `${site}.api.shop.example`,
        resourcePath: "/healthz",
        requestInterval: plan.traffic.healthCheck.interval.seconds,
        failureThreshold: plan.traffic.healthCheck.failureThreshold,
      });
      const unreachable = alarm(`shop-${site}-unreachable`);
      expect(unreachable.provider).to.equal("global");
      expect(unreachable.inputs).to.include({
        namespace: "AWS/Route53",
        statistic: "Minimum",
        period: 60,
        evaluationPeriods: 1,
        metricName: "HealthCheckStatus",
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        treatMissingData: "breaching",
      });
      expect(unreachable.inputs["dimensions"]).to.deep.equal({ HealthCheckId: `shop-${site}-id` });
      expect(unreachable.inputs["alarmActions"]).to.deep.equal(["arn:reachability"]);
      expect(unreachable.inputs["alarmDescription"]).to.contain(`answer at ${site}.api.shop.example`);
      expect(check(`shop-${site}`).provider, "an account-wide resource of the component's provider").to.equal(
        "primary",
      );
      expect(check(`shop-${site}`).inputs["measureLatency"]).to.equal(true);
    });
  }

  it("owns every resource itself", () => {
    const parents = made.filter(({ name }) => name.startsWith("shop-")).map(({ parent }) => parent);
    expect(new Set(parents)).to.have.property("size", 1);
    expect(parents[0]).to.match(/continuity:traffic:Traffic::shop$/);
  });

  it("lets no resource land in an ambient region", () => {
    const ambient = made.filter(({ type, provider }) => type.startsWith("aws:") && provider === "");
    expect(ambient).to.be.empty;
  });
});

describe("Traffic of sites that speak TLS", () => {
  it("is checked from outside on port 443", async () => {
    await startMocks();
    build({ endpoint: siteEndpoint("arn") });
    await settled();
    expect(check("shop-alternate").inputs).to.include({ type: "HTTPS", port: 443 });
  });

  it("is not checked over TLS otherwise", async () => {
    await startMocks();
    build();
    await settled();
    expect(check("shop-alternate").inputs).to.include({ type: "HTTP", port: 80 });
  });
});

describe("Traffic, refused", () => {
  const seconds = (value: number) => ({ iso: `PT${value}S`, seconds: value });
  const traffic = (changes: Partial<TrafficArgs["traffic"]>) => ({ traffic: { ...plan.traffic, ...changes } });
  const check = (changes: object) => traffic({ healthCheck: { ...plan.traffic.healthCheck, ...changes } });

  const cases: [string, Partial<TrafficArgs>, string][] = [
    ["an alarm on a high-resolution metric", traffic({ switchEvaluation: seconds(10) }), "traffic.switchEvaluation"],
    ["an alarm without a period", traffic({ switchEvaluation: seconds(0) }), "traffic.switchEvaluation"],
    ["an unknown number of failures", check({ failureThreshold: Number.NaN }), "traffic.healthCheck.failureThreshold"],
    [
      "one name for both sites",
      { siteHostnames: { primary: "s.shop.example", alternate: "s.shop.example" } },
      "siteHostnames",
    ],
    [
      "a record that points at itself through the alternate",
      { publicHostname: "alternate.api.shop.example" },
      "siteHostnames",
    ],
    ["an alarm period of broken minutes", traffic({ switchEvaluation: seconds(90) }), "traffic.switchEvaluation"],
    ["an interval unsupported by Route 53", check({ interval: seconds(15) }), "traffic.healthCheck.interval"],
    ["more failures than Route 53 counts", check({ failureThreshold: 11 }), "traffic.healthCheck.failureThreshold"],
    ["no failure at all", check({ failureThreshold: 0 }), "traffic.healthCheck.failureThreshold"],
    ["a record that points at itself", { publicHostname: "primary.api.shop.example" }, "siteHostnames"],
  ];

  for (const [what, changes, argument] of cases) {
    it(what, async () => {
      await startMocks();
      expect(refusal(() => build(changes))).to.contain(`  ${argument} is `);
      await settled();
      expect(ofType("aws:route53/record:Record")).to.be.empty;
    });
  }

  const limits: [string, Partial<TrafficArgs>][] = [
    ["the shorter interval", check({ interval: seconds(10) })],
    ["the longer interval", check({ interval: seconds(30) })],
    ["a single failure", check({ failureThreshold: 1 })],
    ["ten failures", check({ failureThreshold: 10 })],
    ["a period of two minutes", traffic({ switchEvaluation: seconds(120) })],
  ];
  for (const [what, changes] of limits) {
    it(`but not ${what}`, async () => {
      await startMocks();
      build(changes);
      await settled();
      expect(ofType("aws:route53/record:Record")).to.have.length(2);
    });
  }

  it("with every problem at once", async () => {
    await startMocks();
    const wrong = {
      ...check({ interval: seconds(15), failureThreshold: 11 }),
      publicHostname: "primary.api.shop.example",
    };
    expect(refusal(() => build(wrong))).to.contain('Traffic "shop": 3 problem(s)');
  });
});
