/** Small objects of a bucket: listed, read, and changed by condition only, so that of two writers the later one is refused. */
import type { S3Client } from "@aws-sdk/client-s3";
import { inTime } from "../in-time.ts";
import { ServerClock } from "./clock.ts";

/** An object's text with the ETag that a conditional write names. */
export interface StoredText {
  text: string;
  etag: string;
}

/** `ifMatch`: the object must still be the one with this ETag. `ifNoneMatch`: there must be none. */
export type Condition = { ifMatch: string } | { ifNoneMatch: "*" };

/** An object as a list shows it. */
export interface ListedObject {
  key: string;
  etag: string;
  bytes: number;
  /** When the bucket got it, by the clock of S3. */
  storedAt: Date | undefined;
}

/** Bytes of the largest object that is read as a whole: manifests, evidence and records are far smaller. */
export const smallObjectBytes = 16 * 1024 * 1024;

/** Why an object is not read; undefined: it is small enough. */
export const whyTooLarge = (bytes: number): string | undefined =>
  bytes > smallObjectBytes ? `it has ${bytes} bytes, and no more than ${smallObjectBytes} are read` : undefined;

/** What reading needs of a bucket: a job's `PointStore`, or `objectsIn` for a command. */
export interface ReadableObjects {
  readonly bucket: string;
  /** Objects below a prefix, in the order of their keys; those after `startAfter` only. */
  list(prefix: string, startAfter?: string): Promise<ListedObject[]>;
  /** Keys below a prefix, in order; those after `startAfter` only. */
  keys(prefix: string, startAfter?: string): Promise<string[]>;
  /** Undefined: there is no such object. */
  read(key: string): Promise<StoredText | undefined>;
}

/** What changing a record needs. */
export interface ConditionalObjects extends Omit<ReadableObjects, "keys" | "list"> {
  /**
   * Returns the ETag of what was written.
   * @throws ConditionFailed when the condition did not hold
   */
  writeIf(key: string, content: object, condition: Condition): Promise<string>;
  /**
   * Milliseconds since 1970 by the clock of S3, as its last answer showed it. Where a person's machine writes a record,
   * its own clock must not date it. @default the own clock
   */
  now?(): number;
}

/** @returns milliseconds since 1970 by the clock of S3, where it is known */
export const timeAt = ({ now }: Pick<ConditionalObjects, "now">): number => now?.() ?? Date.now();

/** The object is not what the writer saw: somebody else wrote it meanwhile. */
export class ConditionFailed extends Error {}

/** A bucket's objects through a client that the caller opened; each call ends within `timeoutSeconds` (@default 10). */
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

/** The part of a command that takes what looks at its answers. */
interface Watchable {
  middlewareStack: { add(look: (next: Next) => Next, at: { step: "deserialize"; priority: "low" }): void };
}
type Next = (args: unknown) => Promise<{ response: unknown }>;

/** Shows the clock the date of every answer, also of one that is an error, e.g. that there is no such object. */
function watched(client: Pick<S3Client, "send">, clock: ServerClock): Pick<S3Client, "send"> {
  const look = (next: Next) => async (args: unknown) => {
    const result = await next(args);
    clock.note((result.response as { headers?: Record<string, string> }).headers?.["date"]);
    return result;
  };
  const send = (command: Watchable, options: object): unknown => {
    // Below the SDK's own reader of answers, which throws where the answer is an error.
    command.middlewareStack.add(look, { step: "deserialize", priority: "low" });
    return (client.send as (command: unknown, options: object) => unknown).call(client, command, options);
  };
  return { send: send as unknown as S3Client["send"] };
}

/** Each page of the list has a time limit of its own, which `limited` sets. */
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
      ...(startAfter ? { StartAfter: startAfter } : {}),
      ...(token ? { ContinuationToken: token } : {}),
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
    const { Body, ETag, ContentLength } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal,
    });
    const tooLarge = whyTooLarge(ContentLength ?? 0);
    if (tooLarge !== undefined) {
      // Without this the body goes on arriving.
      (Body as { destroy?: () => void } | undefined)?.destroy?.();
      throw new Error(`${bucket}/${key} is not read: ${tooLarge}`);
    }
    return { text: (await Body?.transformToString()) ?? "", etag: ETag ?? "" };
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
    throw new ConditionFailed(`${bucket}/${key} was changed by another writer meanwhile`, { cause: error });
  }
}

/** 412: the condition did not hold. 409: another write was under way. 404: the object to match is gone. */
const isConflict = (error: unknown): boolean =>
  error instanceof Error &&
  ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"].includes(error.name) &&
  "$metadata" in error;
