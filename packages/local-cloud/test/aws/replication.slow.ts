/** Replication between two regions by the buckets' replication configurations. */
import { setTimeout as sleep } from "node:timers/promises";
import { CreateKeyCommand, DisableKeyCommand } from "@aws-sdk/client-kms";
import { GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketReplicationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { HeadObjectCommandOutput, ReplicationRule, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { replicatorAgent } from "../../aws/index.ts";
import { central, failureOf, makeBucket, openBench, replicate, west } from "./support.ts";
import type { Bench, BucketOptions } from "./support.ts";

const mebibyte = 1024 * 1024;
const rtc: Partial<ReplicationRule> = {
  Destination: {
    Bucket: "",
    ReplicationTime: { Status: "Enabled", Time: { Minutes: 15 } },
    Metrics: { Status: "Enabled", EventThreshold: { Minutes: 15 } },
  },
};

describe("S3 replication of the local AWS", function () {
  this.timeout(120_000);
  let bench: Bench;
  let s3: S3Client;
  let far: S3Client;
  let count = 0;
  let from: string;
  let to: string;
  before(async () => {
    bench = await openBench();
    s3 = bench.s3(west);
    far = bench.s3(central);
  });
  after(() => bench?.close());
  beforeEach(() => {
    count += 1;
    [from, to] = [`from-${count}`, `to-${count}`];
  });
  afterEach(() => {
    bench.aws.restore(west);
    bench.aws.restore(central);
    bench.aws.replicator.delaySeconds = 0;
  });

  async function pair(
    source: BucketOptions,
    destination: BucketOptions,
    over?: Partial<ReplicationRule>,
  ): Promise<void> {
    await makeBucket(s3, west, from, source);
    await makeBucket(far, central, to, destination);
    const { Destination, ...rest } = over ?? {};
    await replicate(s3, from, to, { ...rest, Destination: { ...Destination, Bucket: `arn:aws:s3:::${to}` } });
  }

  const head = (client: S3Client, Bucket: string, Key: string): Promise<HeadObjectCommandOutput> =>
    client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  const absent = async (client: S3Client, Bucket: string, Key: string): Promise<void> => {
    expect((await failureOf(head(client, Bucket, Key))).name).to.equal("NotFound");
  };
  const put = (Key: string, Body = "content", over: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket: from, Key, Body, ...over }));
  const failures = () => bench.aws.replicator.failures().filter(({ bucket }) => bucket === from);

  it("copies content, metadata, type, tags and lock, and reports the status on both sides", async () => {
    await pair({ locked: true, retentionDays: 35 }, { locked: true });
    bench.aws.replicator.delaySeconds = 0.2;
    const { VersionId } = await put("a b/ä+c", "content", {
      Metadata: { slot: "1" },
      ContentType: "text/plain",
      Tagging: "k=v&l=w%20x",
    });
    expect((await head(s3, from, "a b/ä+c")).ReplicationStatus).to.equal("PENDING");
    await absent(far, to, "a b/ä+c");
    await bench.aws.replicator.idle(10);
    const source = await head(s3, from, "a b/ä+c");
    expect(source).to.include({ ReplicationStatus: "COMPLETED", VersionId });
    const copy = await far.send(new GetObjectCommand({ Bucket: to, Key: "a b/ä+c" }));
    expect(await copy.Body?.transformToString()).to.equal("content");
    expect(copy).to.deep.include({
      ReplicationStatus: "REPLICA",
      Metadata: { slot: "1" },
      ContentType: "text/plain",
      ObjectLockMode: "COMPLIANCE",
    });
    expect(copy.ObjectLockRetainUntilDate).to.deep.equal(source.ObjectLockRetainUntilDate);
    const { TagSet } = await far.send(new GetObjectTaggingCommand({ Bucket: to, Key: "a b/ä+c" }));
    expect(TagSet).to.have.deep.members([
      { Key: "k", Value: "v" },
      { Key: "l", Value: "w x" },
    ]);
    const remove = new DeleteObjectCommand({ Bucket: to, Key: "a b/ä+c", VersionId: copy.VersionId });
    expect((await failureOf(far.send(remove))).name).to.equal("AccessDenied");
  });

  it("reads a range of a version", async () => {
    await pair({}, {});
    const { VersionId } = await put("a", "0123456789");
    const read = async (Range: string) => s3.send(new GetObjectCommand({ Bucket: from, Key: "a", VersionId, Range }));
    const { Body, ContentRange } = await read("bytes=2-4");
    expect([await Body?.transformToString(), ContentRange]).to.deep.equal(["234", "bytes 2-4/10"]);
    expect((await failureOf(read("bytes=20-30"))).$metadata?.httpStatusCode).to.equal(416);
  });

  it("leaves the settings as they were put", async () => {
    await pair({}, {}, rtc);
    const { ReplicationConfiguration } = await s3.send(new GetBucketReplicationCommand({ Bucket: from }));
    expect(ReplicationConfiguration?.Rules?.[0]).to.deep.include({ ID: `to-${to}`, Status: "Enabled", Priority: 1 });
    expect(ReplicationConfiguration?.Rules?.[0]?.Destination).to.deep.equal({
      ...rtc.Destination,
      Bucket: `arn:aws:s3:::${to}`,
    });
  });

  it("copies an upload in parts with the same entity tag and checksum", async () => {
    await pair({}, {});
    const at = { Bucket: from, Key: "parts" };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: "SHA256" }));
    const Parts = [];
    for (const [index, Body] of [Buffer.alloc(6 * mebibyte, "a"), Buffer.from("end")].entries()) {
      const part = { ...at, UploadId, PartNumber: index + 1, Body, ChecksumAlgorithm: "SHA256" as const };
      const { ETag = "", ChecksumSHA256 = "" } = await s3.send(new UploadPartCommand(part));
      Parts.push({ PartNumber: index + 1, ETag, ChecksumSHA256 });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
    await bench.aws.replicator.idle(10);
    const [source, copy] = [await head(s3, from, "parts"), await head(far, to, "parts")];
    expect(copy.ETag).to.match(/-2"$/).and.to.equal(source.ETag);
    expect(copy.ChecksumSHA256).to.be.a("string").and.to.equal(source.ChecksumSHA256);
    expect(copy.ContentLength).to.equal(6 * mebibyte + 3);
  });

  it("copies only what the rule covers", async () => {
    await pair({}, {}, { Filter: { And: { Prefix: "points/", Tags: [{ Key: "kind", Value: "full" }] } } });
    await put("points/a", "x", { Tagging: "kind=full" });
    await put("points/b", "x");
    await put("control/c", "x", { Tagging: "kind=full" });
    await bench.aws.replicator.idle(10);
    const { Versions = [] } = await far.send(new ListObjectVersionsCommand({ Bucket: to }));
    expect(Versions.map(({ Key }) => Key)).to.deep.equal(["points/a"]);
    expect((await head(s3, from, "points/b")).ReplicationStatus).to.equal(undefined);
  });

  it("copies versions in their order, and no delete markers unless asked to", async () => {
    await pair({}, {});
    for (const body of ["1", "2", "3"]) await put("a", body);
    await s3.send(new DeleteObjectCommand({ Bucket: from, Key: "a" }));
    await bench.aws.replicator.idle(10);
    const { Versions = [], DeleteMarkers = [] } = await far.send(new ListObjectVersionsCommand({ Bucket: to }));
    expect([Versions.length, DeleteMarkers.length]).to.deep.equal([3, 0]);
    const latest = await far.send(new GetObjectCommand({ Bucket: to, Key: "a" }));
    expect(await latest.Body?.transformToString()).to.equal("3");
    await replicate(s3, from, to, { DeleteMarkerReplication: { Status: "Enabled" } });
    await s3.send(new DeleteObjectCommand({ Bucket: from, Key: "a" }));
    await bench.aws.replicator.idle(10);
    await absent(far, to, "a");
  });

  it("makes no copy of a version that is removed before its turn", async () => {
    await pair({}, {});
    bench.aws.replicator.delaySeconds = 60;
    const { VersionId } = await put("a");
    await s3.send(new DeleteObjectCommand({ Bucket: from, Key: "a", VersionId }));
    bench.aws.replicator.delaySeconds = 0;
    await bench.aws.replicator.idle(10);
    await absent(far, to, "a");
    expect(failures()).to.deep.equal([]);
  });

  it("waits for the delay, and catches up when it is shortened", async () => {
    await pair({}, {});
    bench.aws.replicator.delaySeconds = 60;
    await put("a");
    await sleep(300);
    expect(bench.aws.replicator.pending()).to.equal(1);
    expect((await failureOf(bench.aws.replicator.idle(0.1))).message).to.contain(`version of ${from}/a to ${to}`);
    await absent(far, to, "a");
    bench.aws.replicator.delaySeconds = 0;
    await bench.aws.replicator.idle(10);
    await head(far, to, "a");
  });

  for (const [side, region] of [
    ["source", west],
    ["destination", central],
  ] as const)
    it(`sends nothing while the ${side}'s region is cut, without a request to it, and catches up afterwards`, async () => {
      await pair({}, {});
      bench.aws.replicator.delaySeconds = 0.2;
      await put("a");
      bench.aws.cut(region);
      const cutAt = Date.now();
      await sleep(600);
      expect(bench.aws.replicator.pending()).to.equal(1);
      expect(bench.aws.calls().filter((call) => call.at > cutAt && call.region === region)).to.deep.equal([]);
      bench.aws.restore(region);
      await bench.aws.replicator.idle(10);
      expect((await head(far, to, "a")).ReplicationStatus).to.equal("REPLICA");
      expect(failures()).to.deep.equal([]);
    });

  it("starts a copy again that was broken in the middle", async () => {
    await pair({}, {});
    await put("small");
    await bench.aws.replicator.idle(10); // the settings of both buckets are known from here on
    bench.aws.slow(central, 4_000);
    const earlier = bench.aws.calls().length;
    const seen = (operation: string, region: string) =>
      bench.aws
        .calls()
        .slice(earlier)
        .filter((call) => call.operation === operation && call.region === region);
    await put("big", "x".repeat(20 * mebibyte));
    while (seen("GetObjectTagging", west).length === 0) await sleep(5);
    await sleep(1_000); // the copy is on its way, and held before the destination
    bench.aws.cut(central);
    bench.aws.slow(central, 0);
    expect(seen("PutObject", central).map(({ status }) => status)).to.deep.equal(["refused"]);
    bench.aws.restore(central);
    await bench.aws.replicator.idle(20);
    const { Versions = [] } = await far.send(new ListObjectVersionsCommand({ Bucket: to, Prefix: "big" }));
    expect(Versions.map(({ Size }) => Size)).to.deep.equal([20 * mebibyte]);
    expect(failures()).to.deep.equal([]);
  });

  it("retries after temporary errors", async () => {
    await pair({}, {});
    bench.aws.fail(central, { operation: "PutObject", status: 503, times: 2 });
    await put("a");
    await bench.aws.replicator.idle(10);
    await head(far, to, "a");
    expect(failures()).to.deep.equal([]);
  });

  it("reports what was refused: as status, in the list and as a metric", async () => {
    await pair({}, {}, rtc);
    bench.aws.fail(central, { operation: "PutObject", status: 403, times: 1 });
    const { VersionId } = await put("a");
    await bench.aws.replicator.idle(10);
    expect((await head(s3, from, "a")).ReplicationStatus).to.equal("FAILED");
    expect(failures()[0]).to.include({ key: "a", versionId: VersionId, destination: to });
    expect(failures()[0]?.reason).to.contain("AccessDenied");
    await sleep(1_000);
    const now = Date.now();
    const { Datapoints = [] } = await bench.cloudWatch(west).send(
      new GetMetricStatisticsCommand({
        Namespace: "AWS/S3",
        MetricName: "OperationsFailedReplication",
        Dimensions: [
          { Name: "SourceBucket", Value: from },
          { Name: "DestinationBucket", Value: to },
          { Name: "RuleId", Value: `to-${to}` },
        ],
        StartTime: new Date(now - 300_000),
        EndTime: new Date(now + 60_000),
        Period: 60,
        Statistics: ["Sum"],
      }),
    );
    expect(Datapoints.map(({ Sum }) => Sum)).to.deep.equal([1]);
  });

  it("refuses a destination that lost its versioning, and one without lock for a locked source", async () => {
    await pair({ locked: true }, {});
    await put("a");
    await bench.aws.replicator.idle(10);
    expect(
      failures()
        .map(({ reason }) => reason)
        .join(),
    ).to.contain("has no Object Lock");
    await far.send(new PutBucketVersioningCommand({ Bucket: to, VersioningConfiguration: { Status: "Suspended" } }));
    await put("b");
    await bench.aws.replicator.idle(10);
    expect(failures().at(-1)?.reason).to.contain("is not versioned");
    await absent(far, to, "b");
  });

  it("needs the replica's key, enabled, for encrypted objects", async () => {
    const { KeyMetadata: key } = await bench.kms(central).send(new CreateKeyCommand({}));
    const arn = key?.Arn ?? "";
    await pair(
      {},
      {},
      {
        SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: "Enabled" } },
        Destination: { Bucket: "", EncryptionConfiguration: { ReplicaKmsKeyID: arn } },
      },
    );
    const own = await bench.kms(west).send(new CreateKeyCommand({}));
    const encrypted = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: own.KeyMetadata?.Arn };
    await put("a", "x", encrypted);
    await bench.aws.replicator.idle(10);
    expect(await head(far, to, "a")).to.include({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: arn });
    await bench.kms(central).send(new DisableKeyCommand({ KeyId: arn }));
    await put("b", "x", encrypted);
    await bench.aws.replicator.idle(10);
    expect(failures().map(({ reason }) => reason)).to.deep.equal([`replica key ${arn} is Disabled`]);
  });

  it("runs both ways without a loop, and synchronizes metadata back with replica modification sync", async () => {
    const both = { SourceSelectionCriteria: { ReplicaModifications: { Status: "Enabled" } } } as const;
    await pair({ locked: true }, { locked: true }, both);
    await replicate(far, to, from, both);
    await put("west");
    await far.send(new PutObjectCommand({ Bucket: to, Key: "central", Body: "x" }));
    await bench.aws.replicator.idle(10);
    await sleep(300);
    expect(bench.aws.replicator.pending()).to.equal(0);
    for (const [client, Bucket] of [
      [s3, from],
      [far, to],
    ] as const) {
      const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
      expect(Versions.map(({ Key }) => Key)).to.deep.equal(["central", "west"]);
    }
    const tags = async (client: S3Client, Bucket: string) =>
      (await client.send(new GetObjectTaggingCommand({ Bucket, Key: "west" }))).TagSet;
    const Tagging = (Value: string) => ({ TagSet: [{ Key: "checked", Value }] });
    await s3.send(new PutObjectTaggingCommand({ Bucket: from, Key: "west", Tagging: Tagging("here") }));
    await bench.aws.replicator.idle(10);
    expect(await tags(far, to)).to.deep.equal(Tagging("here").TagSet);
    await far.send(new PutObjectTaggingCommand({ Bucket: to, Key: "west", Tagging: Tagging("there") }));
    await far.send(new PutObjectLegalHoldCommand({ Bucket: to, Key: "west", LegalHold: { Status: "ON" } }));
    await bench.aws.replicator.idle(10);
    expect(await tags(s3, from)).to.deep.equal(Tagging("there").TagSet);
    expect((await head(s3, from, "west")).ObjectLockLegalHoldStatus).to.equal("ON");
    expect(failures()).to.deep.equal([]);
  });

  it("does not synchronize a replica's metadata without replica modification sync", async () => {
    await pair({}, {});
    await replicate(far, to, from);
    await put("a");
    await bench.aws.replicator.idle(10);
    const Tagging = { TagSet: [{ Key: "checked", Value: "there" }] };
    await far.send(new PutObjectTaggingCommand({ Bucket: to, Key: "a", Tagging }));
    await bench.aws.replicator.idle(10);
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket: from, Key: "a" }))).TagSet).to.deep.equal([]);
  });

  it("goes through the gateways with its own user agent", () => {
    const own = bench.aws.calls().filter(({ userAgent }) => userAgent?.includes(replicatorAgent));
    expect(own.map(({ operation }) => operation)).to.include.members([
      "GetBucketReplication",
      "GetObject",
      "PutObject",
    ]);
    const reads = bench.aws.calls().filter(({ operation, region }) => operation === "PutObject" && region === central);
    expect(reads.some(({ userAgent }) => userAgent?.includes(replicatorAgent))).to.equal(true);
  });
});
