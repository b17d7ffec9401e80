/** Small S3 objects: list, read, and conditional write, so that of two concurrent writers the later one is rejected. */
import type { S3Client } from "@aws-sdk/client-s3";
import { inTime } from "../wire/in-time.ts";
import { ServerClock } from "./clock.ts";

/** An object's text, and its ETag for a conditional write. */
export interface StoredText {
  text: string;
  etag: string;
  /** Time of arrival by the clock of S3; undefined: unknown. */
  storedAt?: Date | undefined;
}

/** `ifMatch`: the object must still have this ETag. `ifNoneMatch`: the object must not exist. */
export type Condition = { ifMatch: string } | { ifNoneMatch: "*" };

/** An object as listed. */
export interface ListedObject {
  key: string;
  etag: string;
  bytes: number;
  /** Time of arrival by the clock of S3. */
  storedAt: Date | undefined;
}

/** Size limit for objects that are read into memory, in bytes; manifests, evidence and records are far smaller. */
export const smallObjectBytes = 16 * 1024 * 1024;

/** Why an object is too large to read; undefined: it is not. */
export const whyTooLarge = (bytes: number): string | undefined =>
  bytes > smallObjectBytes ? `it has ${bytes} bytes, the limit is ${smallObjectBytes}` : undefined;

/** Read access to a bucket: a job's `PointStore`, or `objectsIn` for a command. */
export interface ReadableObjects {
  readonly bucket: string;
  /** Objects below a prefix in key order, only those after `startAfter`. */
  list(prefix: string, startAfter?: string): Promise<ListedObject[]>;
  /** Keys below a prefix in order, only those after `startAfter`. */
  keys(prefix: string, startAfter?: string): Promise<string[]>;
  /** Undefined: the object does not exist. */
  read(key: string): Promise<StoredText | undefined>;
}

/** Read access, and conditional writes for changing a record. */
export interface ConditionalObjects extends Omit<ReadableObjects, "keys" | "list"> {
  /**
   * Returns the new ETag.
   * @throws ConditionFailed if the condition does not hold
   */
  writeIf(key: string, content: object, condition: Condition): Promise<string>;
  /**
   * Milliseconds since 1970 by the clock of S3, as of its last response, so that a record written from an operator's
   * machine is not dated by that machine's clock.
   * @default the local clock
   */
  now?(): number;
}

/** Milliseconds since 1970 by the clock of S3, or by the local clock if the store provides none. */
export const timeAt = ({ now }: Pick<ConditionalObjects, "now">): number => now?.() ?? Date.now();

/** The object has been changed by another writer since it was read. */
export class ConditionFailed extends Error {}

/** Accesses a bucket through a client opened by the caller; each call is limited to `timeoutSeconds` (default: 10). */
export function objectsIn(
  client: Pick<S3Client, "send">,
  bucket: string,
  timeoutSeconds = 10,
): ReadableObjects & ConditionalObjects {
  const clock = new ServerClock();
  const s3 = watched(client, clock);
  const limited = <T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    inTime(`${bucket}/${key}`, { seconds: timeoutSeconds }, work);
  const list = (prefix: string, startAfter?: string): Promise<ListedObject[]> =>
    listObjects(s3, { bucket, prefix, startAfter }, (work) => limited(prefix, work));
  return {
    bucket,
    now: () => clock.now(),
    list,
    keys: async (prefix, startAfter) => (await list(prefix, startAfter)).map(({ key }) => key),
    read: (key) => limited(key, (signal) => readText(s3, bucket, key, signal)),
    writeIf: (key, content, condition) =>
      limited(key, (signal) => writeTextIf(s3, { bucket, key, content, condition }, signal)),
  };
}

/** The middleware stack of an SDK command. */
interface Watchable {
  middlewareStack: { add(look: (next: Next) => Next, at: { step: "deserialize"; priority: "low" }): void };
}
type Next = (args: unknown) => Promise<{ response: unknown }>;

/** Passes the date of every response to the clock, including error responses such as "no such key". */
function watched(client: Pick<S3Client, "send">, clock: ServerClock): Pick<S3Client, "send"> {
  const watch = (next: Next) => async (args: unknown) => {
    const result = await next(args);
    clock.note((result.response as { headers?: Record<string, string> }).headers?.["date"]);
    return result;
  };
  const send = (command: Watchable, options: object): unknown => {
    // Below the SDK's deserializer, which throws on error responses.
    command.middlewareStack.add(watch, { step: "deserialize", priority: "low" });
    return (client.send as (command: unknown, options: object) => unknown).call(client, command, options);
  };
  return { send: send as unknown as S3Client["send"] };
}

/** `limited` applies a time limit to each page. */
export async function listObjects(
  s3: Pick<S3Client, "send">,
  { bucket, prefix, startAfter }: { bucket: string; prefix: string; startAfter?: string | undefined },
  limited: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>,
): Promise<ListedObject[]> {
  const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
  const objects: ListedObject[] = [];
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      StartAfter: startAfter || undefined,
      ContinuationToken: token,
    });
    const page = await limited((abortSignal) => s3.send(command, { abortSignal }));
    for (const { Key: key, ETag: etag = "", Size: bytes = 0, LastModified: storedAt } of page.Contents ?? []) {
      if (key) objects.push({ key, etag, bytes, storedAt });
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token);
  return objects;
}

export async function readText(
  s3: Pick<S3Client, "send">,
  bucket: string,
  key: string,
  abortSignal: AbortSignal,
): Promise<StoredText | undefined> {
  const { GetObjectCommand, NoSuchKey } = await import("@aws-sdk/client-s3");
  try {
    const {
      Body,
      ETag,
      ContentLength,
      LastModified: storedAt,
    } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal,
    });
    const tooLarge = whyTooLarge(ContentLength ?? 0);
    if (tooLarge !== undefined) {
      // Otherwise the body would continue to be transferred.
      (Body as { destroy?: () => void } | undefined)?.destroy?.();
      throw new Error(`${bucket}/${key} is too large: ${tooLarge}`);
    }
    return { text: (await Body?.transformToString()) ?? "", etag: ETag ?? "", storedAt };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

export interface ConditionalWrite {
  bucket: string;
  key: string;
  content: object;
  condition: Condition;
}

export async function writeTextIf(
  s3: Pick<S3Client, "send">,
  { bucket, key, content, condition }: ConditionalWrite,
  abortSignal: AbortSignal,
): Promise<string> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: `${JSON.stringify(content, null, 2)}\n`,
    ContentType: "application/json",
    ChecksumAlgorithm: "SHA256",
    ...("ifMatch" in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: condition.ifNoneMatch }),
  });
  try {
    return (await s3.send(command, { abortSignal })).ETag ?? "";
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new ConditionFailed(`${bucket}/${key} was changed by another writer`, { cause: error });
  }
}

/** 412: condition failed. 409: a concurrent write. 404: the object to match no longer exists. */
const isConflict = (error: unknown): boolean =>
  error instanceof Error &&
  ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"].includes(error.name) &&
  "$metadata" in error;
