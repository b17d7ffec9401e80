/** S3 of the local AWS: Object Lock, checksums, regions. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import v8 from "node:v8";
import vm from "node:vm";
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketMetricsConfigurationCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { Credentials } from "../../aws/index.ts";
import { central, failureOf, makeBucket, openBench, west } from "./support.ts";
import type { Bench } from "./support.ts";

const mebibyte = 1024 * 1024;

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc") as () => void;

/** What is really held, without what waits to be collected. */
function liveBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe("S3 of the local AWS", function () {
  this.timeout(120_000);
  let bench: Bench;
  let s3: S3Client;
  before(async () => {
    bench = await openBench();
    s3 = bench.s3(west);
    await makeBucket(s3, west, "orders");
    await makeBucket(s3, west, "locked", { locked: true, retentionDays: 35 });
  });
  after(() => bench?.close());

  /** An IAM user that may do everything in S3. */
  async function user(UserName: string): Promise<Credentials> {
    const iam = bench.iam();
    await iam.send(new CreateUserCommand({ UserName }));
    const Statement = [{ Effect: "Allow", Action: "s3:*", Resource: "*" }];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "s3", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  }

  async function multipart(
    Bucket: string,
    Key: string,
    parts: Buffer[],
    over: object = {},
  ): Promise<string | undefined> {
    const at = { Bucket, Key };
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: "CRC32", ...over }),
    );
    const Parts = [];
    for (const [index, Body] of parts.entries()) {
      const part = { ...at, UploadId, PartNumber: index + 1, Body, ChecksumAlgorithm: "CRC32" as const };
      const { ETag, ChecksumCRC32 } = await s3.send(new UploadPartCommand(part));
      Parts.push({ PartNumber: index + 1, ETag: ETag ?? "", ChecksumCRC32: ChecksumCRC32 ?? "" });
    }
    return (await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } })))
      .VersionId;
  }

  describe("Object Lock", () => {
    const isLocked = async (Key: string, VersionId: string | undefined): Promise<void> => {
      const head = await s3.send(new HeadObjectCommand({ Bucket: "locked", Key, VersionId }));
      expect(head.ObjectLockMode).to.equal("COMPLIANCE");
      const days = ((head.ObjectLockRetainUntilDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
      expect(days).to.be.within(34.9, 35.1);
      const refused = await failureOf(s3.send(new DeleteObjectCommand({ Bucket: "locked", Key, VersionId })));
      expect(refused.name).to.equal("AccessDenied");
    };

    it("holds the bucket's default retention for objects put, copied and uploaded in parts", async () => {
      const put = await s3.send(new PutObjectCommand({ Bucket: "locked", Key: "put", Body: "x" }));
      await isLocked("put", put.VersionId);
      const copied = await s3.send(
        new CopyObjectCommand({ Bucket: "locked", Key: "copied", CopySource: "locked/put" }),
      );
      await isLocked("copied", copied.VersionId);
      await isLocked("parts", await multipart("locked", "parts", [Buffer.alloc(5 * mebibyte, "a"), Buffer.from("b")]));
    });

    it("holds against an administrator who is not root, bypass or not", async () => {
      const other = bench.s3(west, await user("administrator"));
      const { VersionId } = await other.send(new PutObjectCommand({ Bucket: "locked", Key: "mine", Body: "x" }));
      const at = { Bucket: "locked", Key: "mine", VersionId };
      for (const command of [
        new DeleteObjectCommand(at),
        new DeleteObjectCommand({ ...at, BypassGovernanceRetention: true }),
        new PutObjectRetentionCommand({
          ...at,
          Retention: { Mode: "COMPLIANCE", RetainUntilDate: new Date(Date.now() + 1000) },
        }),
      ])
        expect((await failureOf(other.send(command as DeleteObjectCommand))).name).to.equal("AccessDenied");
      expect((await other.send(new HeadObjectCommand(at))).VersionId).to.equal(VersionId);
    });

    it("keeps tags and legal hold that came with an upload in parts", async () => {
      const over = { Tagging: "kind=full", ObjectLockLegalHoldStatus: "ON", Metadata: { slot: "1" } };
      const VersionId = await multipart("locked", "held", [Buffer.from("b")], over);
      const at = { Bucket: "locked", Key: "held", VersionId };
      const head = await s3.send(new HeadObjectCommand(at));
      expect(head).to.deep.include({ ObjectLockLegalHoldStatus: "ON", Metadata: { slot: "1" } });
      expect((await s3.send(new GetObjectTaggingCommand(at))).TagSet).to.deep.equal([{ Key: "kind", Value: "full" }]);
    });

    it("does not go along with a copy", async () => {
      await makeBucket(s3, west, "unlocked-default", { locked: true });
      await s3.send(new CopyObjectCommand({ Bucket: "unlocked-default", Key: "a", CopySource: "locked/put" }));
      expect((await s3.send(new HeadObjectCommand({ Bucket: "unlocked-default", Key: "a" }))).ObjectLockMode).to.equal(
        undefined,
      );
    });
  });

  describe("identities", () => {
    it("are subject to their policies, and signatures are verified", async () => {
      const credentials = await user("reader");
      const forged = bench.s3(west, { ...credentials, secretAccessKey: "forged" });
      expect(
        (await failureOf(forged.send(new HeadBucketCommand({ Bucket: "orders" })))).$metadata?.httpStatusCode,
      ).to.equal(403);
      const Statement = [
        { Effect: "Deny", Principal: "*", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::orders/*" },
      ];
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
      await s3.send(new PutBucketPolicyCommand({ Bucket: "orders", Policy }));
      const reader = bench.s3(west, credentials);
      await reader.send(new PutObjectCommand({ Bucket: "orders", Key: "a", Body: "x" }));
      expect((await failureOf(reader.send(new DeleteObjectCommand({ Bucket: "orders", Key: "a" })))).name).to.equal(
        "AccessDenied",
      );
    });

    it("pass a policy that demands TLS, which ends at the gateway", async () => {
      await makeBucket(s3, west, "tls-only");
      const Condition = { Bool: { "aws:SecureTransport": "false" } };
      const Statement = [
        { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::tls-only/*", Condition },
      ];
      await s3.send(
        new PutBucketPolicyCommand({
          Bucket: "tls-only",
          Policy: JSON.stringify({ Version: "2012-10-17", Statement }),
        }),
      );
      const client = bench.s3(west, await user("tls-user"));
      await client.send(new PutObjectCommand({ Bucket: "tls-only", Key: "a", Body: "x" }));
    });
  });

  describe("bodies", () => {
    it("arrive as they were sent, chunked with a checksum behind them", async () => {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
      const Body = Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]);
      await s3.send(
        new PutObjectCommand({
          Bucket: "orders",
          Key: "chunked",
          Body,
          ContentLength: bytes.length,
          ChecksumAlgorithm: "CRC32",
        }),
      );
      const got = await s3.send(new GetObjectCommand({ Bucket: "orders", Key: "chunked", ChecksumMode: "ENABLED" }));
      expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).to.deep.equal(bytes);
      expect(got.ContentEncoding).to.equal(undefined);
      expect(got.ChecksumCRC32).to.be.a("string");
    });

    it("are rejected if the checksum does not match", async () => {
      const wrong = createHash("sha256").update("something else").digest("base64");
      const put = new PutObjectCommand({ Bucket: "orders", Key: "wrong", Body: "content", ChecksumSHA256: wrong });
      expect((await failureOf(s3.send(put))).name).to.equal("BadDigest");
      const head = await failureOf(s3.send(new HeadObjectCommand({ Bucket: "orders", Key: "wrong" })));
      expect(head.name).to.equal("NotFound");
    });

    it("stream through in flat memory", async () => {
      const size = 50 * mebibyte;
      const before = liveBytes();
      let most = 0;
      const look = (): void => void (most = Math.max(most, liveBytes() - before));
      const source = Readable.from(
        (function* () {
          for (let sent = 0; sent < size; sent += mebibyte) {
            look();
            yield Buffer.alloc(mebibyte, "x");
          }
        })(),
      );
      await s3.send(new PutObjectCommand({ Bucket: "orders", Key: "big", Body: source, ContentLength: size }));
      const got = await s3.send(new GetObjectCommand({ Bucket: "orders", Key: "big" }));
      let received = 0;
      let looked = 0;
      for await (const part of got.Body as Readable) {
        received += (part as Buffer).length;
        if (received - looked < mebibyte) continue;
        looked = received;
        look();
      }
      expect(received).to.equal(size);
      expect(most / mebibyte, "MiB alive at the peak, client and gateway together").to.be.below(16);
    });
  });

  it("refuses a setting that the emulator lacks, and keeps the bucket", async () => {
    const remove = new DeleteBucketMetricsConfigurationCommand({ Bucket: "orders", Id: "all" });
    expect((await failureOf(s3.send(remove))).name).to.equal("NotImplemented");
    await s3.send(new HeadBucketCommand({ Bucket: "orders" }));
  });

  describe("conditional writes", () => {
    const put = (Bucket: string, Body: string, match: { IfMatch?: string; IfNoneMatch?: string }) =>
      s3.send(new PutObjectCommand({ Bucket, Key: "record", Body, ...match }));

    it("make an object once and change it in turn only", async () => {
      const first = await put("locked", "1", { IfNoneMatch: "*" });
      expect((await failureOf(put("locked", "2", { IfNoneMatch: "*" }))).name).to.equal("PreconditionFailed");
      const second = await put("locked", "2", { IfMatch: first.ETag ?? "" });
      expect((await failureOf(put("locked", "3", { IfMatch: first.ETag ?? "" }))).name).to.equal("PreconditionFailed");
      const seen = await s3.send(new GetObjectCommand({ Bucket: "locked", Key: "record" }));
      expect([seen.ETag, await seen.Body?.transformToString()]).to.deep.equal([second.ETag, "2"]);
    });

    it("find no record to match where it is gone", async () => {
      const put = new PutObjectCommand({ Bucket: "orders", Key: "absent", Body: "x", IfMatch: '"0"' });
      expect((await failureOf(s3.send(put))).name).to.equal("NoSuchKey");
    });
  });

  describe("regions", () => {
    it("redirect requests for buckets of another region", async () => {
      const moved = await failureOf(bench.s3(central).send(new GetObjectCommand({ Bucket: "orders", Key: "a" })));
      expect(moved.$metadata?.httpStatusCode).to.equal(301);
      expect(moved.name).to.equal("PermanentRedirect");
    });

    it("lose an upload that was under way when they were cut", async () => {
      const size = 20 * mebibyte;
      const slowly = Readable.from(
        (async function* () {
          for (let sent = 0; sent < size; sent += mebibyte) {
            if (sent === 5 * mebibyte) bench.aws.cut(west);
            yield Buffer.alloc(mebibyte, "y");
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        })(),
      );
      const put = new PutObjectCommand({ Bucket: "orders", Key: "cut", Body: slowly, ContentLength: size });
      await failureOf(s3.send(put));
      expect(bench.aws.calls().at(-1)).to.include({ region: west, operation: "PutObject", status: "refused" });
      await failureOf(s3.send(new HeadBucketCommand({ Bucket: "orders" })));
      expect(bench.aws.calls().at(-1)).to.include({ region: west, operation: "HeadBucket", status: "refused" });
      bench.aws.restore(west);
      const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: "orders", Prefix: "cut" }));
      expect(Versions).to.deep.equal([]);
    });

    it("respond with injected errors, which the SDK parses", async () => {
      bench.aws.fail(west, { service: "s3", operation: "HeadBucket", status: 503, times: 1 });
      expect(
        (await failureOf(s3.send(new HeadBucketCommand({ Bucket: "orders" })))).$metadata?.httpStatusCode,
      ).to.equal(503);
      await s3.send(new HeadBucketCommand({ Bucket: "orders" }));
      bench.aws.fail("global", { operation: "AttachUserPolicy", status: 403, times: 1 });
      const attach = new AttachUserPolicyCommand({
        UserName: "reader",
        PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess",
      });
      expect((await failureOf(bench.iam().send(attach))).name).to.equal("AccessDenied");
    });
  });
});
