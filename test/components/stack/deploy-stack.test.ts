import { expect } from "chai";
import type { Role, SiteName } from "../../../contract/index.ts";
import { deployed } from "../../support/deployed.ts";
import { made, ofType, only, type Made } from "../../support/pulumi-mocks.ts";

const deploy = async (site: SiteName, role: Role) => (await deployed(site, role)).outputs;

/** Everything that the engine compares, by URN, except inputs that a deployed site keeps. */
const snapshot = (): Map<string, string> =>
  new Map(made.map(({ urn, inputs, provider, protect }) => [urn, JSON.stringify([inputs, provider, protect])]));

const regionsUsed = (): Set<unknown> => new Set(ofType("pulumi:providers:aws").map(({ inputs }) => inputs["region"]));

describe("stack prod", () => {
  before(() => deploy("primary", "active"));

  it("owns the store, the keys, both sites' roles and the traffic", () => {
    expect(ofType("continuity:backup-store:BackupStore")).to.have.length(1);
    expect(ofType("continuity:access-keys:AccessKeys")).to.have.length(1);
    expect(ofType("continuity:identity:SiteRoles").map(({ name }) => name)).to.deep.equal(["primary", "alternate"]);
    expect(ofType("continuity:traffic:Traffic")).to.have.length(1);
  });

  it("creates a key for every named access, keeping existing ones", async () => {
    const secrets = () =>
      ofType("random:index/randomPassword:RandomPassword").filter(({ name }) => name.startsWith("shop-"));
    const before = secrets().map(({ urn, inputs }) => [urn, inputs]);
    expect(before).to.have.length(1);
    await deployed("primary", "active", { accessNames: '["account", "partner_api"]' });
    const after = secrets().map(({ urn, inputs }) => [urn, inputs]);
    expect(after).to.deep.include(before[0]);
    const secret = JSON.parse(String(only("aws:secretsmanager/secretVersion:SecretVersion").inputs["secretString"]));
    expect(secret).to.have.all.keys("account", "partner_api");
    await deploy("primary", "active");
  });

  it("locks recovery points as the configuration says, and the exports expect that lock", async () => {
    await deployed("primary", "active", { lockMode: "GOVERNANCE", lockDays: "1" });
    const locks = ofType("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
    expect(locks.map(({ inputs }) => inputs["rule"])).to.deep.equal(
      locks.map(() => ({ defaultRetention: { mode: "GOVERNANCE", days: 1 } })),
    );
    expect(JSON.stringify(only("kubernetes:batch/v1:CronJob", "export").inputs)).to.contain(
      '{"name":"RETENTION_DAYS","value":"1"}',
    );
    await deploy("primary", "active");
  });

  it("uses one cluster, both regions, and the region of Route 53's metrics", () => {
    expect(ofType("pulumi:providers:kubernetes").map(({ name }) => name)).to.deep.equal(["primary-cluster"]);
    expect(regionsUsed()).to.deep.equal(new Set(["eu-west-1", "eu-central-1", "us-east-1"]));
  });

  it("starts no pod before its keys and roles exist", () => {
    const backend = only("kubernetes:apps/v1:Deployment", "backend-api");
    const secret = only("aws:secretsmanager/secretVersion:SecretVersion");
    const roles = ofType("aws:iam/rolePolicy:RolePolicy").filter(({ name }) => name.startsWith("primary-"));
    expect(backend.dependencies).to.include.members([secret, ...roles].map(({ urn }) => urn));
  });

  it("exports nothing before both directions replicate", () => {
    const replications = ofType("aws:s3/bucketReplicationConfig:BucketReplicationConfig");
    const { dependencies } = only("kubernetes:batch/v1:CronJob", "export");
    expect(dependencies).to.include.members(replications.map(({ urn }) => urn));
  });

  it("sends the replication alarms to topics by name, since one belongs to the other stack", () => {
    const alarms = ofType("aws:cloudwatch/metricAlarm:MetricAlarm").filter(({ name }) => /-to-.+-silent$/.test(name));
    const topics = alarms.map(({ provider, inputs }) => [provider, (inputs["alarmActions"] as string[])[0]]);
    expect(topics).to.have.deep.members([
      ["alternate", "arn:aws:sns:eu-central-1:123456789012:shop-continuity-alarms"],
      ["primary", "arn:aws:sns:eu-west-1:123456789012:shop-continuity-alarms"],
    ]);
  });
});

describe("stack dr", () => {
  let outputs: Awaited<ReturnType<typeof deploy>>;

  before(async () => {
    outputs = await deploy("alternate", "standby");
  });

  it("uses its own region only and calls no AWS API at preview", () => {
    expect(regionsUsed()).to.deep.equal(new Set(["eu-central-1"]));
  });

  it("does not use the other stack's state", () => {
    expect(ofType("pulumi:pulumi:StackReference")).to.be.empty;
  });

  it("owns nothing that its failover would have to change in a global control plane", () => {
    const global = made.filter(({ type }) => /^aws:(iam|route53|acm|s3|kms)\//.test(type));
    expect(global.map(({ name }) => name)).to.be.empty;
  });

  it("exports the locations that commands need", () => {
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

describe("the two stacks", () => {
  it("use the same switch, buckets, secret and roles", async () => {
    const prod = await deploy("primary", "active");
    const owned = (type: string): unknown[] => ofType(type).map(({ inputs }) => inputs["name"] ?? inputs["bucket"]);
    const buckets = owned("aws:s3/bucket:Bucket");
    const roles = owned("aws:iam/role:Role");
    const secret = only("aws:secretsmanager/secret:Secret").inputs["name"];
    const dr = await deploy("alternate", "standby");
    expect(prod.trafficSwitch).to.deep.equal(dr.trafficSwitch);
    expect(buckets).to.have.members([dr.recoveryPointBucket, dr.replicaBucket]);
    for (const { inputs } of ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation")) {
      expect(roles).to.include(String(inputs["roleArn"]).split("/").at(-1));
    }
    expect(JSON.stringify(made.map(({ inputs }) => inputs))).to.contain(JSON.stringify(secret));
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
