import { expect } from "chai";
import { awsProvider, type AwsProvider } from "../../../providers/aws/index.ts";
import { hasSecret, plain, secret, unknown, type Properties } from "../../../providers/values.ts";
import { ResourceDriver, failureOf, Refused, type State } from "../contract/resource-driver.ts";

const certificate = "aws:acm/certificate:Certificate";
const repository = "aws:ecr/repository:Repository";
const record = "aws:route53/record:Record";
const check = "aws:route53/healthCheck:HealthCheck";
const bucket = "aws:s3/bucket:Bucket";

const nowhere = (): never => {
  throw new Error("no call to AWS may be made here");
};
const offline = (accountId?: string): AwsProvider =>
  awsProvider({ endpoint: nowhere, globalEndpoint: "http://127.0.0.1:1", ...(accountId && { accountId }) });

const recordedCases: [string, Properties][] = [
  [certificate, { domainName: "shop.example" }],
  ["aws:acm/certificateValidation:CertificateValidation", { certificateArn: "arn" }],
];

/** A state as if the type had been created for real. */
const existing = (type: string, inputs: Properties, outputs: Properties = {}): State => ({
  type,
  name: "thing",
  id: "thing",
  inputs,
  outputs: { region: "eu-west-1", ...inputs, ...outputs },
});

describe("local AWS provider", () => {
  let provider: AwsProvider;
  let engine: ResourceDriver;
  beforeEach(() => {
    provider = offline();
    engine = new ResourceDriver(provider);
  });

  describe("records of types that are not created", () => {
    it("have ids that follow from what they are, in every run", async () => {
      const other = new ResourceDriver(offline());
      const elsewhere = new ResourceDriver(offline("999999999999"));
      for (const [type, inputs] of recordedCases) {
        const made = await engine.create(type, "one", inputs);
        expect((await other.create(type, "one", inputs)).id, type).to.equal(made.id);
        expect((await engine.create(type, "two", inputs)).id, type).not.to.equal(made.id);
        expect((await elsewhere.create(type, "one", inputs)).id, type).not.to.equal(made.id);
      }
    });

    it("have the outputs that a program needs", async () => {
      const made = await engine.create(certificate, "site", { domainName: "shop.example" });
      expect(made.outputs.arn).to.equal(`arn:aws:acm:eu-west-1:123456789012:certificate/${made.id}`);
    });

    it("change in place, and are replaced where their name changes", async () => {
      const made = await engine.create(repository, "images", { name: "shop" });
      expect(await engine.diff(made, { name: "shop", forceDelete: true })).to.deep.include({
        changes: true,
        replaces: [],
      });
      expect((await engine.diff(made, { name: "other" })).replaces).to.deep.equal(["name"]);
      const updated = await engine.update(made, { name: "shop", forceDelete: true });
      expect(updated.outputs).to.include({ forceDelete: true });
      expect(provider.resources()).to.have.length(1);
      expect(provider.resources()[0]?.inputs.forceDelete).to.equal(true);
    });

    it("live until they are deleted, a replacement beside its predecessor", async () => {
      const old = await engine.create(certificate, "site", { domainName: "shop.example" });
      const replacement = await engine.create(certificate, "site", { domainName: "shop.example" });
      expect(replacement.id).to.equal(old.id);
      await engine.delete(old);
      const [left, ...more] = provider.resources();
      expect(more).to.deep.equal([]);
      expect(left).to.deep.include({
        type: certificate,
        name: "site",
        id: old.id,
        region: "eu-west-1",
        real: false,
        inputs: { domainName: "shop.example" },
      });
      await engine.delete(replacement);
      expect(provider.resources()).to.deep.equal([]);
    });

    it("are named after the resource where the program gives no name", async () => {
      const made = await engine.create("aws:cloudwatch/logGroup:LogGroup", "logs", {});
      expect(made.outputs.name).to.match(/^logs-[0-9a-f]{7}$/);
      expect((await engine.diff(made, {})).changes).to.equal(false);
    });

    it("are read as they are known, and cannot be imported", async () => {
      const made = await engine.create(certificate, "site", { domainName: "shop.example" });
      expect((await engine.refresh(made))?.inputs).to.deep.equal(made.inputs);
      expect((await failureOf(engine.import(certificate, "site", made.id))).message).to.contain("is only recorded");
    });

    it("are listed by type, apart from created ones", async () => {
      await engine.create(certificate, "site", { domainName: "shop.example" });
      await engine.check(bucket, "data", {});
      expect(provider.recordedTypes()).to.deep.equal([certificate]);
      expect(provider.realTypes()).to.deep.equal([bucket]);
    });
  });

  describe("checks", () => {
    const refused = async (type: string, inputs: Properties): Promise<string[]> => {
      const failure = await failureOf(engine.check(type, "thing", inputs));
      return failure instanceof Refused ? failure.properties : [failure.message];
    };

    it("refuse a type that the SDK does not have", async () => {
      expect((await failureOf(engine.check("aws:s3/bucket:Buckett", "x", {}))).message).to.match(
        /@pulumi\/aws 7.* has no resource type/,
      );
    });

    it("reject what AWS would reject later", async () => {
      const time = (minutes: number): Properties => ({ status: "Enabled", time: { minutes } });
      const rule = (destination: Properties, more: Properties = {}): Properties => ({
        bucket: "b",
        role: "arn:aws:iam::123456789012:role/r",
        rules: [{ status: "Enabled", destination: { bucket: "arn:aws:s3:::d", ...destination }, ...more }],
      });
      const replication = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";
      const lifecycle = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
      const aging = (days: number): Properties => ({
        bucket: "b",
        rules: [{ id: "r", status: "Enabled", transitions: [{ days, storageClass: "STANDARD_IA" }] }],
      });
      const alarm = "aws:cloudwatch/metricAlarm:MetricAlarm";
      const basics = { comparisonOperator: "GreaterThanThreshold", evaluationPeriods: 1, threshold: 1 };
      const metric = { metricName: "m", namespace: "n", period: 60, statistic: "Sum" };
      const target = { arn: "a", roleArn: "r" };
      const schedule = (scheduleExpression: string): Properties => ({
        scheduleExpression,
        flexibleTimeWindow: { mode: "OFF" },
        target,
      });
      const cases: [string, Properties, string[]][] = [
        [bucket, { bucket: "Upper-Case" }, ["bucket"]],
        [bucket, { bucket: "a" }, ["bucket"]],
        [bucket, { versioning: { enabled: true } }, ["versioning"]],
        [
          replication,
          rule({ replicationTime: time(30), metrics: { status: "Enabled" } }),
          ["rules[0].destination.replicationTime.time.minutes"],
        ],
        [replication, rule({ replicationTime: time(15) }), ["rules[0].destination.metrics"]],
        [
          replication,
          rule({}, { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } } }),
          ["rules[0].destination.encryptionConfiguration.replicaKmsKeyId"],
        ],
        [replication, rule({}, { filter: {} }), ["rules[0].deleteMarkerReplication"]],
        [lifecycle, aging(5), ["rules[0].transitions[0].days"]],
        [alarm, { ...basics, ...metric, statistic: unknown }, []],
        [alarm, { ...basics, metricName: "m", namespace: "n", period: 60 }, ["statistic"]],
        [alarm, { ...basics, ...metric, period: 45 }, ["period"]],
        [alarm, { ...basics, ...metric, datapointsToAlarm: 2 }, ["datapointsToAlarm"]],
        [
          "aws:cloudwatch/compositeAlarm:CompositeAlarm",
          { alarmName: "a", alarmRule: "ALARM(a) AN ALARM(b)" },
          ["alarmRule"],
        ],
        ["aws:scheduler/schedule:Schedule", schedule("every day"), ["scheduleExpression"]],
        ["aws:scheduler/schedule:Schedule", schedule("cron(0 6 * * * *)"), ["scheduleExpression"]],
        ["aws:kms/key:Key", { deletionWindowInDays: 3 }, ["deletionWindowInDays"]],
        ["aws:kms/key:Key", { rotationPeriodInDays: 90 }, ["rotationPeriodInDays"]],
        ["aws:secretsmanager/secret:Secret", { recoveryWindowInDays: 5 }, ["recoveryWindowInDays"]],
        [
          "aws:sfn/stateMachine:StateMachine",
          { roleArn: "r", definition: '{"StartAt":"A","States":{}}' },
          ["definition"],
        ],
        ["aws:iam/role:Role", { assumeRolePolicy: "{" }, ["assumeRolePolicy"]],
        [check, { type: "HTTP", fqdn: "a", regions: ["us-east-1", "eu-central-1"] }, ["regions", "regions"]],
        [check, { type: "CLOUDWATCH_METRIC" }, ["cloudwatchAlarmName", "cloudwatchAlarmRegion"]],
        [
          record,
          { zoneId: "Z", name: "a", type: "A", failoverRoutingPolicies: [{ type: "BACKUP" }] },
          ["records", "ttl", "setIdentifier", "failoverRoutingPolicies[0].type"],
        ],
      ];
      for (const [type, inputs, properties] of cases) {
        if (properties.length === 0) await engine.check(type, "thing", inputs);
        else expect(await refused(type, inputs), JSON.stringify(inputs)).to.deep.equal(properties);
      }
    });

    it("refuse a provider without a region, or of another account", () => {
      expect(provider.checkConfig?.({})?.map(({ property }) => property)).to.deep.equal(["region"]);
      expect(provider.checkConfig?.({ region: "eu-west-1", allowedAccountIds: '["123456789012"]' })).to.deep.equal([]);
      expect(provider.checkConfig?.({ region: "eu-west-1", allowedAccountIds: '["1"]' })?.[0]?.property).to.equal(
        "allowedAccountIds",
      );
    });

    it("give a name that stays, unless its prefix changes", async () => {
      const inputs = await engine.check(bucket, "Data", {});
      expect(inputs.bucket).to.match(/^data-[0-9a-f]{7}$/);
      expect(inputs.__defaults).to.deep.equal(["bucket"]);
      const old = existing(bucket, inputs);
      expect((await engine.check(bucket, "Data", { forceDestroy: true }, old)).bucket).to.equal(inputs.bucket);
      expect((await engine.check(bucket, "Data", { bucketPrefix: "other-" }, old)).bucket).to.match(
        /^other-[0-9a-f]{7}$/,
      );
    });
  });

  describe("differences", () => {
    it("are none where nothing changed, without a call to AWS", async () => {
      const old = existing(bucket, { bucket: "bbb", tags: { a: "b" } }, { tagsAll: { a: "b" } });
      expect(await engine.diff(old, { bucket: "bbb", tags: { a: "b" } })).to.include({ changes: false });
    });

    it("replace what no call can change, and delete first where the name stays", async () => {
      const old = existing(bucket, { bucket: "bbb" }, { tagsAll: {} });
      expect(await engine.diff(old, { bucket: "ccc" })).to.deep.include({
        replaces: ["bucket"],
        deleteBeforeReplace: false,
      });
      expect(await engine.diff(old, { bucket: "bbb", objectLockEnabled: true })).to.deep.include({
        replaces: ["objectLockEnabled"],
        deleteBeforeReplace: true,
      });
      const named = existing("aws:kms/key:Key", { multiRegion: false }, { tagsAll: {} });
      expect((await engine.diff(named, { multiRegion: true })).replaces).to.deep.equal(["multiRegion"]);
    });

    it("let a generated name give way to a replacement beside it", async () => {
      const old = existing(bucket, await engine.check(bucket, "thing", {}), { tagsAll: {} });
      expect(await engine.diff(old, { objectLockEnabled: true })).to.deep.include({
        replaces: ["objectLockEnabled"],
        deleteBeforeReplace: false,
      });
    });

    it("replace what moves to another region", async () => {
      const topic = existing("aws:sns/topic:Topic", { name: "t", region: "eu-west-1" }, { tagsAll: {} });
      expect((await engine.diff(topic, { name: "t", region: "eu-central-1" })).replaces).to.deep.equal(["region"]);
    });

    it("show the provider's own tags on every resource", async () => {
      const tagged = engine.with({ defaultTags: '{"tags":{"Application":"shop"}}' });
      const old = existing(bucket, { bucket: "bbb" }, { tagsAll: {} });
      expect((await tagged.diff(old, { bucket: "bbb" })).detailed).to.have.all.keys("tagsAll.Application");
      const made = await tagged.create(repository, "images", { tags: { Application: "own", a: "b" } });
      expect(made.outputs.tagsAll).to.deep.equal({ Application: "own", a: "b" });
    });

    it("ignore the wrapper of a secret", async () => {
      const version = "aws:secretsmanager/secretVersion:SecretVersion";
      const old = existing(version, { secretId: "s", secretString: secret("x") });
      expect((await engine.diff(old, { secretId: "s", secretString: secret("x") })).changes).to.equal(false);
      expect((await engine.diff(old, { secretId: "s", secretString: secret("y") })).replaces).to.deep.equal([
        "secretString",
      ]);
    });
  });

  describe("previews", () => {
    it("create nothing, show the inputs, and leave open what AWS determines", async () => {
      const outputs = await engine.previewCreate(bucket, "data", { bucket: "bbb" });
      expect(outputs).to.include({
        bucket: "bbb",
        arn: unknown,
        bucketDomainName: unknown,
        region: "eu-west-1",
        forceDestroy: false,
      });
      expect(provider.resources()).to.deep.equal([]);
    });

    it("of a change keep what stays, and leave open what the change determines", async () => {
      const inputs = { name: "/limit", type: "String", value: "1" };
      const arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/limit";
      const old = existing("aws:ssm/parameter:Parameter", inputs, { arn, version: 1, tagsAll: {} });
      const { outputs } = await engine.update(old, { ...inputs, value: "2" }, true);
      expect(outputs).to.include({ arn, value: "2", version: unknown });
    });

    it("keep secrets secret", async () => {
      const version = "aws:secretsmanager/secretVersion:SecretVersion";
      const outputs = await engine.previewCreate(version, "keys", { secretId: "s", secretString: secret("x") });
      expect(hasSecret(outputs.secretString)).to.equal(true);
      expect(plain(outputs.secretString ?? null)).to.equal("x");
    });
  });

  describe("functions", () => {
    const invoke = (token: string, args: Properties = {}) => provider.invoke({ ...engine.call("", "") }, token, args);

    it("return account, region and partition", async () => {
      expect(await invoke("aws:index/getCallerIdentity:getCallerIdentity")).to.deep.include({
        outputs: {
          accountId: "123456789012",
          arn: "arn:aws:iam::123456789012:root",
          id: "123456789012",
          userId: "123456789012",
        },
      });
      expect(await invoke("aws:index/getRegion:getRegion")).to.have.nested.property("outputs.region", "eu-west-1");
      expect(await invoke("aws:index/getPartition:getPartition")).to.have.nested.property("outputs.partition", "aws");
    });

    it("reject unknown functions and arguments", async () => {
      expect(await invoke("aws:ec2/getAmi:getAmi"))
        .to.have.nested.property("failures[0].reason")
        .that.contains("no function aws:ec2/getAmi:getAmi");
      expect(await invoke("aws:route53/getZone:getZone", { nam: "shop.example" }))
        .to.have.nested.property("failures[0].reason")
        .that.contains("did you mean name?");
    });

    it("are unknown where an argument is", async () => {
      const result = await invoke("aws:route53/getZone:getZone", { name: unknown });
      expect(result).to.have.nested.property("outputs.zoneId", unknown);
    });
  });
});
