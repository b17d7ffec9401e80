/** A bucket of recovery points: streams in and out of it, with checksums and time limits. */
import { bucketKeys } from "../../contract/index.ts";
import { inTime, TooLate } from "../in-time.ts";
import { parseManifest, type Manifest } from "./manifest.ts";
import { listObjects, readText, writeTextIf, type Condition, type ListedObject, type StoredText } from "./objects.ts";
import { readWriter, type Writer } from "./writer.ts";
import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";

export interface StoreArgs {
  bucket: string;
  region: string;
  /** Limit for one call, connecting included. */
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
  /** Name by which a trace of calls knows whose they are. Omit: only the SDK's own. */
  userAgent?: string | undefined;
}

/** Locked-until and encryption, as the bucket says them of one object. */
export interface ObjectFacts {
  lockedUntil: Date | undefined;
  encryption: { algorithm: string; keyId?: string };
}

export type { Writer } from "./writer.ts";

/** Bytes that one part of a multipart upload has; two are in memory at once. */
const uploadPartBytes = 8 * 1024 * 1024;

export class PointStore {
  readonly bucket: string;
  private readonly args: StoreArgs;
  private client: Promise<S3Client> | undefined;

  constructor(args: StoreArgs) {
    this.bucket = args.bucket;
    this.args = args;
  }

  /** Keys below a prefix, in order; those after `startAfter` only. */
  async keys(prefix: string, startAfter?: string): Promise<string[]> {
    return (await this.list(prefix, startAfter)).map(({ key }) => key);
  }

  /** Objects below a prefix, in the order of their keys; those after `startAfter` only. */
  async list(prefix: string, startAfter?: string): Promise<ListedObject[]> {
    const client = await this.open();
    return listObjects(client, { bucket: this.bucket, prefix, startAfter }, (work) => this.inTime(prefix, work));
  }

  /** The first key below a prefix; undefined: there is none. */
  async firstKey(prefix: string): Promise<string | undefined> {
    const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
    const client = await this.open();
    const command = new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, MaxKeys: 1 });
    const page = await this.inTime(prefix, (abortSignal) => client.send(command, { abortSignal }));
    return page.Contents?.[0]?.Key;
  }

  /** Slots of the points that have a manifest, oldest first. */
  async slots(kind: Manifest["kind"], after?: string): Promise<string[]> {
    const prefix = kindPrefix(kind);
    const end = `/${bucketKeys.manifest}`;
    const keys = await this.keys(prefix, after && `${prefix}${after}`);
    return keys.filter((key) => key.endsWith(end)).map((key) => key.slice(prefix.length, -end.length));
  }

  async manifest(kind: "full", slot: string): Promise<Extract<Manifest, { kind: "full" }> | undefined>;
  async manifest(kind: "changes", slot: string): Promise<Extract<Manifest, { kind: "changes" }> | undefined>;
  async manifest(kind: Manifest["kind"], slot: string): Promise<Manifest | undefined> {
    const key = manifestKey(kind, slot);
    const text = await this.text(key);
    if (text === undefined) return undefined;
    const read = parseManifest(key, text);
    if (read.kind !== kind || read.slot !== slot) throw new Error(`${key} belongs to ${read.kind} point ${read.slot}`);
    return read;
  }

  /** Which site writes; undefined: no record. A record that cannot be read is an error. */
  async writer(): Promise<Writer | undefined> {
    return (await readWriter(this))?.writer;
  }

  /** A small object's text; undefined when it is not there. */
  async text(key: string): Promise<string | undefined> {
    return (await this.read(key))?.text;
  }

  /** A small object's text with its ETag; undefined when it is not there. */
  async read(key: string): Promise<StoredText | undefined> {
    const client = await this.open();
    return this.inTime(key, (abortSignal) => readText(client, this.bucket, key, abortSignal));
  }

  /** Writes a small object if the condition holds, and returns its ETag; throws ConditionFailed otherwise. */
  async writeIf(key: string, content: object, condition: Condition): Promise<string> {
    const client = await this.open();
    const write = { bucket: this.bucket, key, content, condition };
    return this.inTime(key, (abortSignal) => writeTextIf(client, write, abortSignal));
  }

  /** An object's bytes as they arrive; a pause longer than the time limit is an error. */
  async stream(key: string): Promise<AsyncIterable<Buffer>> {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const { signal } = this.args;
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
    // Only the headers have a limit here: a large body takes its time, and each of its pauses has a limit of its own.
    const got = await (await this.open()).send(command, signal ? { abortSignal: signal } : {});
    if (!got.Body) throw new Error(`${key} has no body`);
    return limited(got.Body as AsyncIterable<Buffer> & { destroy(error: Error): void }, key, this.args.timeoutSeconds);
  }

  /** Streams a large object in, in parts, each with a checksum that the store verifies. */
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
        ...(head.SSEKMSKeyId && { keyId: head.SSEKMSKeyId }),
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
          // Only an emulator or a proxy is named by an endpoint, and those know buckets by path.
          forcePathStyle: process.env["AWS_ENDPOINT_URL"] !== undefined,
          maxAttempts: 3,
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

export const kindPrefix = (kind: Manifest["kind"]): string =>
  kind === "full" ? bucketKeys.fullPrefix : bucketKeys.changesPrefix;

export const pointPrefix = (kind: Manifest["kind"], slot: string): string => `${kindPrefix(kind)}${slot}/`;

export const manifestKey = (kind: Manifest["kind"], slot: string): string =>
  `${pointPrefix(kind, slot)}${bucketKeys.manifest}`;

async function* limited(
  body: AsyncIterable<Buffer> & { destroy(error: Error): void },
  key: string,
  seconds: number,
): AsyncIterable<Buffer> {
  const giveUp = () => body.destroy(new TooLate(`${key}: no byte within ${seconds} s`));
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
