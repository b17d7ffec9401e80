/** The local AWS provider protects locked objects, non-empty buckets and replicas. */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { GetBucketReplicationCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { awsProvider, type AwsProvider } from "../../../providers/aws/index.ts";
import { PartialFailure } from "../../../providers/provider.ts";
import { central, openBench, west, type Bench } from "../../aws/support.ts";
import { trust } from "./cases.ts";
import { ResourceDriver, failureOf, type State } from "../contract/resource-driver.ts";

describe("protection by the local AWS provider", function () {
  this.timeout(60_000);
  let bench: Bench;
  let provider: AwsProvider;
  let near: ResourceDriver;
  let far: ResourceDriver;
  before(async () => {
    bench = await openBench();
    provider = awsProvider({ endpoint: bench.aws.endpoint, globalEndpoint: bench.aws.globalEndpoint });
    near = new ResourceDriver(provider, { region: west });
    far = new ResourceDriver(provider, { region: central });
  });
  after(() => bench?.close());
  afterEach(() => [west, central, "global"].forEach((region) => bench.aws.restore(region)));

  const lockedBucket = async (engine: ResourceDriver, name: string): Promise<State> => {
    const made = await engine.create("aws:s3/bucket:Bucket", name, { bucket: name, objectLockEnabled: true });
    const versioning = { bucket: name, versioningConfiguration: { status: "Enabled" } };
    await engine.create("aws:s3/bucketVersioning:BucketVersioning", name, versioning);
    return made;
  };

  it("does not delete a locked object, not even with the bucket and by force", async () => {
    const bucket = await lockedBucket(near, "locked");
    const rule = { defaultRetention: { mode: "COMPLIANCE", days: 1 } };
    const lock = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration";
    await near.create(lock, "locked", { bucket: "locked", rule });
    const evidence = { Bucket: "locked", Key: "evidence" };
    const { VersionId } = await bench.s3(west).send(new PutObjectCommand({ ...evidence, Body: "proof" }));
    const forced = await near.update(bucket, { bucket: "locked", objectLockEnabled: true, forceDestroy: true });
    expect((await failureOf(near.delete(forced))).message).to.match(/AccessDenied|object lock/i);
    expect(await near.refresh(forced)).to.have.property("id", bucket.id);
    expect((await bench.s3(west).send(new HeadObjectCommand(evidence))).VersionId).to.equal(VersionId);
    expect(provider.resources().some(({ id }) => id === bucket.id)).to.equal(true);
  });

  it("empties a bucket only where the program forces it", async () => {
    const bucket = await near.create("aws:s3/bucket:Bucket", "full", { bucket: "full" });
    await bench.s3(west).send(new PutObjectCommand({ Bucket: "full", Key: "a", Body: "x" }));
    const refused = await failureOf(near.delete(bucket));
    expect(refused.message).to.contain("full").and.to.contain("forceDestroy is not set");
    expect(await near.refresh(bucket)).not.to.equal(undefined);
    await near.delete(await near.update(bucket, { bucket: "full", forceDestroy: true }));
    expect(await near.refresh(bucket)).to.equal(undefined);
  });

  it("does not adopt another resource's bucket", async () => {
    await near.create("aws:s3/bucket:Bucket", "first", { bucket: "taken" });
    expect((await failureOf(near.create("aws:s3/bucket:Bucket", "second", { bucket: "taken" }))).message).to.match(
      /creating aws:s3\/bucket:Bucket second in eu-west-1: BucketAlready/,
    );
  });

  it("makes buckets and keys in the region of their provider, or in their own", async () => {
    await far.create("aws:s3/bucket:Bucket", "far", { bucket: "far-away" });
    const own = await far.create("aws:sns/topic:Topic", "own", { name: "own", region: west });
    expect(own.outputs).to.include({ region: west, arn: `arn:aws:sns:${west}:123456789012:own` });
    expect(bench.aws.calls().findLast(({ operation }) => operation === "CreateBucket")?.region).to.equal(central);
    expect(await far.refresh(own)).to.have.property("id", own.id);
  });

  it("decrypts with the copy of a key what its primary encrypted", async () => {
    const key = await near.create("aws:kms/key:Key", "points", { multiRegion: true });
    await far.create("aws:kms/replicaKey:ReplicaKey", "points", { primaryKeyArn: key.outputs.arn ?? "" });
    const Plaintext = Buffer.from("order book");
    const { CiphertextBlob } = await bench.kms(west).send(new EncryptCommand({ KeyId: key.id, Plaintext }));
    const opened = await bench.kms(central).send(new DecryptCommand({ KeyId: key.id, CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).to.equal("order book");
  });

  it("keeps a secret's replica in sync", async () => {
    const inputs = { name: "shop/keys", replicas: [{ region: central }] };
    const secret = await near.create("aws:secretsmanager/secret:Secret", "keys", inputs);
    const client = new SecretsManagerClient({
      region: central,
      endpoint: bench.aws.endpoint(central),
      credentials: bench.aws.credentials,
    });
    const copy = async (): Promise<string | undefined> =>
      (await client.send(new GetSecretValueCommand({ SecretId: "shop/keys" }))).SecretString;
    for (const secretString of ["one", "two"]) {
      await near.create("aws:secretsmanager/secretVersion:SecretVersion", "keys", {
        secretId: secret.id,
        secretString,
      });
      expect(await copy()).to.equal(secretString);
    }
    client.destroy();
  });

  it("sets up replication as requested", async () => {
    await lockedBucket(near, "points-near");
    await lockedBucket(far, "points-far");
    const role = await near.create("aws:iam/role:Role", "copy", { name: "copy", assumeRolePolicy: trust });
    const minutes15 = { minutes: 15 };
    await near.create("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "copy", {
      bucket: "points-near",
      role: role.outputs.arn ?? "",
      rules: [
        {
          id: "all",
          status: "Enabled",
          filter: {},
          deleteMarkerReplication: { status: "Disabled" },
          destination: {
            bucket: "arn:aws:s3:::points-far",
            metrics: { status: "Enabled", eventThreshold: minutes15 },
            replicationTime: { status: "Enabled", time: minutes15 },
          },
        },
      ],
    });
    const { ReplicationConfiguration: found } = await bench
      .s3(west)
      .send(new GetBucketReplicationCommand({ Bucket: "points-near" }));
    expect(found?.Rules?.[0]).to.deep.include({
      ID: "all",
      Status: "Enabled",
      DeleteMarkerReplication: { Status: "Disabled" },
      Destination: {
        Bucket: "arn:aws:s3:::points-far",
        Metrics: { Status: "Enabled", EventThreshold: { Minutes: 15 } },
        ReplicationTime: { Status: "Enabled", Time: { Minutes: 15 } },
      },
    });
  });

  it("keeps in the state what was made before a later step failed", async () => {
    const works = bench.aws.fail(west, { service: "s3", operation: "PutBucketTagging", status: 400 });
    const failure = await failureOf(near.create("aws:s3/bucket:Bucket", "half", { bucket: "half", tags: { a: "b" } }));
    works();
    expect(failure).to.be.instanceOf(PartialFailure);
    expect(failure).to.have.property("id", "half");
    expect((failure as PartialFailure).outputs).to.include({ arn: "arn:aws:s3:::half" });
    expect(provider.resources().some(({ id }) => id === "half")).to.equal(true);
  });

  it("fails within its timeout if the region is unreachable, and calls no other", async () => {
    bench.aws.cut(west);
    const calls = bench.aws.calls().length;
    const began = Date.now();
    await failureOf(near.create("aws:sns/topic:Topic", "dead", { name: "dead" }));
    expect(Date.now() - began).to.be.below(25_000);
    const since = bench.aws.calls().slice(calls);
    expect(since.map(({ region, status }) => `${region} ${status}`)).to.satisfy((all: string[]) =>
      all.every((call) => call === `${west} refused`),
    );
  });

  it("creates roles through the global control plane, whatever the provider's region", async () => {
    const { length } = bench.aws.calls();
    await far.create("aws:iam/role:Role", "global", { name: "global", assumeRolePolicy: trust });
    expect(
      new Set(
        bench.aws
          .calls()
          .slice(length)
          .map(({ region }) => region),
      ),
    ).to.deep.equal(new Set(["global"]));
  });
});
