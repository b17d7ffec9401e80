import { expect } from "chai";
import type { Role, SiteName } from "../../../contract/index.ts";
import { deployed } from "../../support/deployed.ts";
import { made, ofType, only, type Made } from "../../support/pulumi-mocks.ts";

const deploy = async (site: SiteName, role: Role) => (await deployed(site, role)).outputs;

/** Everything that the engine compares, by URN, except inputs that a deployed site keeps. */
const snapshot = (): Map<string, string> =>
  new Map(made.map(({ urn, inputs, provider, protect }) => [urn, JSON.stringify([inputs, provider, protect])]));

const regionsUsed = (): Set<unknown> => new Set(ofType("pulumi:providers:aws").map(({ inputs }) => inputs["region"]));

describe("stack shared", () => {
  before(() => deployed("shared"));

  it("owns the store, the keys, both sites' roles and the traffic", () => {
    expect(ofType("continuity:backup-store:BackupStore")).to.have.length(1);
    expect(ofType("continuity:access-keys:AccessKeys")).to.have.length(1);
    expect(ofType("continuity:identity:SiteRoles").map(({ name }) => name)).to.deep.equal(["primary", "alternate"]);
    expect(ofType("continuity:traffic:Traffic")).to.have.length(1);
  });

  it("needs no cluster", () => {
    expect(made.filter(({ type }) => type.includes("kubernetes")).map(({ urn }) => urn)).to.be.empty;
  });

  it("locks recovery points as the configuration says, and the exports expect that lock", async () => {
    await deployed("shared", undefined, { lockMode: "GOVERNANCE", lockDays: "1" });
    const locks = ofType("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
    expect(locks.map(({ inputs }) => inputs["rule"])).to.deep.equal(
      locks.map(() => ({ defaultRetention: { mode: "GOVERNANCE", days: 1 } })),
    );
    await deployed("primary", "active", { lockDays: "1" });
    expect(JSON.stringify(only("kubernetes:batch/v1:CronJob", "export").inputs)).to.contain(
      '{"name":"RETENTION_DAYS","value":"1"}',
    );
    await deployed("shared");
  });

  it("creates a key for every named access, keeping existing ones", async () => {
    const secrets = () => ofType("random:index/randomPassword:RandomPassword").map(({ urn, inputs }) => [urn, inputs]);
    const before = secrets();
    expect(before).to.have.length(1);
    await deployed("shared", undefined, { accessNames: '["account", "partner_api"]' });
    expect(secrets()).to.deep.include(before[0]);
    const secret = JSON.parse(String(only("aws:secretsmanager/secretVersion:SecretVersion").inputs["secretString"]));
    expect(secret).to.have.all.keys("account", "partner_api");
    await deployed("shared");
  });

  it("uses both regions, and the region of Route 53's metrics", () => {
    expect(regionsUsed()).to.deep.equal(new Set(["eu-west-1", "eu-central-1", "us-east-1"]));
  });

  it("sends the replication alarms to topics by name, since they belong to the stacks of the sites", () => {
    const alarms = ofType("aws:cloudwatch/metricAlarm:MetricAlarm").filter(({ name }) => /-to-.+-silent$/.test(name));
    const topics = alarms.map(({ provider, inputs }) => [provider, (inputs["alarmActions"] as string[])[0]]);
    expect(topics).to.have.deep.members([
      ["alternate", "arn:aws:sns:eu-central-1:123456789012:shop-continuity-alarms"],
      ["primary", "arn:aws:sns:eu-west-1:123456789012:shop-continuity-alarms"],
    ]);
  });

  it("exports what belongs to no site", async () => {
    const { outputs } = await deployed("shared");
    expect(outputs).to.have.all.keys("site", "publicUrl", "trafficSwitch");
    expect(outputs).to.include({ site: "shared", publicUrl: "http://api.shop.example" });
  });
});

for (const [stack, site, role, region] of [
  ["prod", "primary", "active", "eu-west-1"],
  ["dr", "alternate", "standby", "eu-central-1"],
] as const) {
  describe(`stack ${stack}`, () => {
    before(() => deploy(site, role));

    it("uses its own region and its own cluster only, and calls no AWS API at preview", () => {
      expect(regionsUsed()).to.deep.equal(new Set([region]));
      expect(ofType("pulumi:providers:kubernetes").map(({ name }) => name)).to.deep.equal([`${site}-cluster`]);
    });

    it("does not use another stack's state", () => {
      expect(ofType("pulumi:pulumi:StackReference")).to.be.empty;
    });

    it("owns nothing of a global control plane, nor of the recovery points", () => {
      const global = made.filter(({ type }) => /^aws:(iam|route53|acm|s3|kms|secretsmanager)\//.test(type));
      expect(global.map(({ name }) => name)).to.be.empty;
    });
  });
}

describe("outputs of a site's stack", () => {
  it("are the locations that commands need", async () => {
    const outputs = await deploy("alternate", "standby");
    expect(outputs).to.deep.include({
      site: "alternate",
      role: "standby",
      region: "eu-central-1",
      publicUrl: "http://api.shop.example",
      siteHostname: "alternate.api.shop.example",
      recoveryPointBucket: "shop-recovery-points-eu-central-1",
      replicaBucket: "shop-recovery-points-eu-west-1",
      namespace: "vapora",
      trafficSwitch: {
        alarm: "shop-alternate-serves-traffic",
        metric: "AlternateServesTraffic",
        namespace: "VaporaContinuity/TrafficSwitch",
        region: "eu-central-1",
      },
    });
    expect(outputs.services["1"]).to.include("backend-api");
  });
});

describe("the three stacks", () => {
  it("agree on the switch, buckets, secret and roles", async () => {
    const shared = (await deployed("shared")).outputs;
    const owned = (type: string): unknown[] => ofType(type).map(({ inputs }) => inputs["name"] ?? inputs["bucket"]);
    const [buckets, roles] = [owned("aws:s3/bucket:Bucket"), owned("aws:iam/role:Role")];
    const secret = only("aws:secretsmanager/secret:Secret").inputs["name"];
    for (const site of ["primary", "alternate"] as const) {
      const outputs = await deploy(site, "standby");
      expect(outputs.trafficSwitch).to.deep.equal(shared.trafficSwitch);
      expect(buckets).to.have.members([outputs.recoveryPointBucket, outputs.replicaBucket]);
      const associations = ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation");
      expect(associations).not.to.be.empty;
      for (const { inputs } of associations) expect(roles).to.include(String(inputs["roleArn"]).split("/").at(-1));
      expect(JSON.stringify(made.map(({ inputs }) => inputs))).to.contain(JSON.stringify(secret));
    }
  });

  it("own every resource once, apart from providers", async () => {
    const stacks = [
      await deployed("shared"),
      await deployed("primary", "active"),
      await deployed("alternate", "standby"),
    ];
    const owned = stacks.flatMap(({ resources }) => resources.filter(({ type }) => type.startsWith("aws:")));
    const places = owned.map(({ urn, inputs, provider }) => `${inputs["name"] ?? inputs["bucket"]} ${provider} ${urn}`);
    expect(places).to.have.length.above(50);
    expect(new Set(places).size).to.equal(places.length);
  });
});

describe("a role change", () => {
  const changed = (before: Map<string, string>, after: Map<string, string>, all: Made[]): Made[] =>
    all.filter(({ urn }) => before.get(urn) !== after.get(urn));

  const switches: [SiteName, Role, Role][] = [
    ["alternate", "standby", "active"],
    ["alternate", "active", "standby"],
    ["primary", "active", "isolated"],
    ["primary", "isolated", "standby"],
  ];

  for (const [site, from, to] of switches) {
    it(`of the ${site} site from ${from} to ${to} changes Kubernetes objects only`, async () => {
      await deploy(site, from);
      const before = snapshot();
      await deploy(site, to);
      const after = snapshot();
      const touched = changed(before, after, made);
      expect([...before.keys()]).to.have.members([...after.keys()]);
      expect(touched.filter(({ type }) => !type.startsWith("kubernetes:")).map(({ urn }) => urn)).to.be.empty;
      expect(touched.map(({ name }) => name)).to.include.members(["backend-api", "export", "standby-sync"]);
    });
  }

  it("restarts neither the database nor its preparation", async () => {
    await deploy("alternate", "standby");
    const before = snapshot();
    await deploy("alternate", "active");
    const touched = changed(before, snapshot(), made).filter(({ ignoreChanges }) => ignoreChanges.length === 0);
    const types = touched.map(({ type }) => type);
    expect(types).not.to.include("kubernetes:apps/v1:StatefulSet");
    expect(types).not.to.include("kubernetes:batch/v1:Job");
    expect(types).not.to.include("kubernetes:core/v1:Service");
  });
});
