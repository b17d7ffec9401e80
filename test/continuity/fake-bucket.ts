/** An S3 client with in-memory buckets: lists, reads, and conditional writes as in S3. */
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";

const refusal = (name: string, httpStatusCode: number): S3ServiceException =>
  new S3ServiceException({ name, $fault: "client", $metadata: { httpStatusCode } });

export class FakeBuckets implements Pick<S3Client, "send"> {
  /** Text by bucket and key. */
  readonly objects = new Map<string, string>();
  /** Storage times by bucket and key; default: just now. */
  readonly storedAt = new Map<string, Date>();
  /** Inaccessible objects, by bucket and key. */
  readonly denied = new Set<string>();
  /** Buckets in unreachable regions. */
  readonly dead = new Set<string>();
  /** Called before each write, e.g. to simulate a concurrent one. */
  beforeWrite: (key: string) => void = () => undefined;

  put(bucket: string, key: string, content: unknown): void {
    this.objects.set(`${bucket}/${key}`, typeof content === "string" ? content : JSON.stringify(content));
  }

  json(bucket: string, key: string): unknown {
    const text = this.objects.get(`${bucket}/${key}`);
    return text === undefined ? undefined : JSON.parse(text);
  }

  readonly send = (async (command: unknown): Promise<unknown> => {
    const { input } = command as { input: { Bucket?: string } };
    const bucket = input.Bucket ?? "";
    if (this.dead.has(bucket)) throw new Error(`${bucket}: connect ECONNREFUSED`);
    if (command instanceof ListObjectsV2Command) return this.#list(bucket, command.input);
    if (command instanceof GetObjectCommand) return this.#get(`${bucket}/${command.input.Key}`);
    if (command instanceof PutObjectCommand) return this.#put(`${bucket}/${command.input.Key}`, command.input);
    throw new Error(`unexpected ${(command as object).constructor.name}`);
  }) as S3Client["send"];

  #list(bucket: string, { Prefix = "", StartAfter = "" }: ListObjectsV2Command["input"]) {
    const keys = [...this.objects.keys()].filter((path) => path.startsWith(`${bucket}/`));
    const found = keys.map((path) => path.slice(bucket.length + 1)).filter((key) => key.startsWith(Prefix));
    return {
      Contents: found
        .filter((key) => key > StartAfter)
        .sort()
        .map((Key) => {
          const text = this.objects.get(`${bucket}/${Key}`) ?? "";
          return {
            Key,
            ETag: etagOf(text),
            Size: Buffer.byteLength(text),
            LastModified: this.storedAt.get(`${bucket}/${Key}`) ?? new Date(),
          };
        }),
    };
  }

  #get(path: string) {
    if (this.denied.has(path)) throw refusal("AccessDenied", 403);
    const text = this.objects.get(path);
    if (text === undefined) throw new NoSuchKey({ message: "no such key", $metadata: { httpStatusCode: 404 } });
    return {
      ETag: etagOf(text),
      LastModified: this.storedAt.get(path) ?? new Date(),
      Body: { transformToString: async () => text },
    };
  }

  #put(path: string, { Body, IfMatch, IfNoneMatch }: PutObjectCommand["input"]) {
    this.beforeWrite(path);
    const present = this.objects.get(path);
    if (IfNoneMatch !== undefined && present !== undefined) throw refusal("PreconditionFailed", 412);
    if (IfMatch !== undefined && present === undefined) throw refusal("NoSuchKey", 404);
    if (IfMatch !== undefined && IfMatch !== etagOf(present ?? "")) throw refusal("PreconditionFailed", 412);
    this.objects.set(path, String(Body));
    return { ETag: etagOf(String(Body)) };
  }
}

const etagOf = (text: string): string => `"${createHash("md5").update(text).digest("hex")}"`;
