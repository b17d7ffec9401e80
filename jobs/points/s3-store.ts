/** A bucket of recovery points in S3: streaming upload and download with checksums and time limits. */
import { inTime, TooLate } from "../wire/in-time.ts";
import { listObjects, readText, writeTextIf, type Condition, type ListedObject, type StoredText } from "./objects.ts";
import { PointStore, type ObjectFacts } from "./store.ts";
import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";

export interface StoreArgs {
  bucket: string;
  region: string;
  /** Limit for one call including connecting, in seconds. */
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
  /** Identifies the caller's requests in access logs and traces. Omit: only the SDK's user agent. */
  userAgent?: string | undefined;
}

/** Size of one part of a multipart upload, in bytes; two are in memory at once. */
const uploadPartBytes = 8 * 1024 * 1024;

export class S3PointStore extends PointStore {
  readonly bucket: string;
  private readonly args: StoreArgs;
  private client: Promise<S3Client> | undefined;

  constructor(args: StoreArgs) {
    super();
    this.bucket = args.bucket;
    this.args = args;
  }

  /** Objects below a prefix in key order, only those after `startAfter`. */
  async list(prefix: string, startAfter?: string): Promise<ListedObject[]> {
    const client = await this.open();
    return listObjects(client, { bucket: this.bucket, prefix, startAfter }, (work) => this.inTime(prefix, work));
  }

  /** First key below a prefix; undefined: there is none. */
  async firstKey(prefix: string): Promise<string | undefined> {
    const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
    const client = await this.open();
    const command = new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, MaxKeys: 1 });
    const page = await this.inTime(prefix, (abortSignal) => client.send(command, { abortSignal }));
    return page.Contents?.[0]?.Key;
  }

  /** Text and ETag of a small object; undefined: the object does not exist. */
  async read(key: string): Promise<StoredText | undefined> {
    const client = await this.open();
    return this.inTime(key, (abortSignal) => readText(client, this.bucket, key, abortSignal));
  }

  /** Writes a small object if the condition holds, and returns its new ETag; throws ConditionFailed otherwise. */
  async writeIf(key: string, content: object, condition: Condition): Promise<string> {
    const client = await this.open();
    const write = { bucket: this.bucket, key, content, condition };
    return this.inTime(key, (abortSignal) => writeTextIf(client, write, abortSignal));
  }

  /** Streams an object; throws if the stream stalls for longer than the time limit. */
  async stream(key: string): Promise<AsyncIterable<Buffer>> {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const { signal } = this.args;
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
    // The limit applies to the response headers only; `limited` applies it to each pause in the body, which may be
    // large.
    const got = await (await this.open()).send(command, signal ? { abortSignal: signal } : {});
    if (!got.Body) throw new Error(`${key} has no body`);
    return limited(got.Body as AsyncIterable<Buffer> & { destroy(error: Error): void }, key, this.args.timeoutSeconds);
  }

  /** Uploads a stream in parts, each with a checksum verified by S3. */
  async upload(key: string, body: AsyncIterable<Buffer>): Promise<void> {
    const [{ Upload }, { Readable }, client] = await Promise.all([
      import("@aws-sdk/lib-storage"),
      import("node:stream"),
      this.open(),
    ]);
    const params: PutObjectCommandInput = { Bucket: this.bucket, Key: key, Body: Readable.from(body) };
    params.ChecksumAlgorithm = "SHA256";
    const upload = new Upload({ client, params, queueSize: 2, partSize: uploadPartBytes });
    const abort = () => void upload.abort();
    this.args.signal?.addEventListener("abort", abort, { once: true });
    try {
      await upload.done();
    } finally {
      this.args.signal?.removeEventListener("abort", abort);
    }
  }

  async putJson(key: string, content: object): Promise<void> {
    const { PutObjectCommand } = await import("@aws-sdk/client-s3");
    const command = new PutObjectCommand({
      Bucket: this.bucket,
      Key: key,
      Body: `${JSON.stringify(content, null, 2)}\n`,
      ContentType: "application/json",
      ChecksumAlgorithm: "SHA256",
    });
    const client = await this.open();
    await this.inTime(key, (abortSignal) => client.send(command, { abortSignal }));
  }

  async facts(key: string): Promise<ObjectFacts> {
    const { HeadObjectCommand } = await import("@aws-sdk/client-s3");
    const client = await this.open();
    const command = new HeadObjectCommand({ Bucket: this.bucket, Key: key });
    const head = await this.inTime(key, (abortSignal) => client.send(command, { abortSignal }));
    return {
      lockedUntil: head.ObjectLockRetainUntilDate,
      encryption: {
        algorithm: head.ServerSideEncryption ?? "none",
        keyId: head.SSEKMSKeyId,
      },
    };
  }

  async close(): Promise<void> {
    (await this.client)?.destroy();
  }

  private open(): Promise<S3Client> {
    this.client ??= import("@aws-sdk/client-s3").then(
      ({ S3Client }) =>
        new S3Client({
          region: this.args.region,
          // A custom endpoint is an emulator or proxy, which may not resolve bucket host names.
          forcePathStyle: process.env["AWS_ENDPOINT_URL"] !== undefined,
          maxAttempts: 3,
          // The SDK's type takes no undefined.
          ...(this.args.userAgent !== undefined && { customUserAgent: this.args.userAgent }),
          requestHandler: {
            connectionTimeout: this.args.timeoutSeconds * 1000,
            requestTimeout: this.args.timeoutSeconds * 1000,
            throwOnRequestTimeout: true,
          },
        }),
    );
    return this.client;
  }

  private inTime<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeoutSeconds: seconds, signal } = this.args;
    return inTime(`${this.bucket}/${key}`, { seconds, signal }, work);
  }
}

async function* limited(
  body: AsyncIterable<Buffer> & { destroy(error: Error): void },
  key: string,
  seconds: number,
): AsyncIterable<Buffer> {
  const giveUp = () => body.destroy(new TooLate(`${key}: no data for ${seconds} s`));
  let clock = setTimeout(giveUp, seconds * 1000);
  try {
    for await (const piece of body) {
      clearTimeout(clock);
      yield piece;
      clock = setTimeout(giveUp, seconds * 1000);
    }
  } finally {
    clearTimeout(clock);
  }
}
