/**
 * The contract of a bucket of recovery points. `S3PointStore` keeps it in S3, the tests' `MemoryStore` in memory; both pass
 * one suite (`test/jobs/support/point-store-contract.ts`).
 */
import { bucketKeys } from "../../contract/index.ts";
import { parseManifest, type Manifest } from "./manifest.ts";
import type { Condition, ConditionalObjects, ListedObject, ReadableObjects, StoredText } from "./objects.ts";
import { readWriter, type Writer } from "./writer.ts";

/** Retention and encryption of one object. */
export interface ObjectFacts {
  lockedUntil: Date | undefined;
  encryption: { algorithm: string; keyId?: string | undefined };
}

export type { Writer } from "./writer.ts";

export abstract class PointStore implements ReadableObjects, ConditionalObjects {
  abstract readonly bucket: string;

  /**
   * Objects whose keys begin with a prefix, in the order of their keys as bytes, however many; only those after
   * `startAfter`, which need not exist.
   */
  abstract list(prefix: string, startAfter?: string): Promise<ListedObject[]>;

  /** First key that begins with a prefix; undefined: there is none. Reads no more than that. */
  abstract firstKey(prefix: string): Promise<string | undefined>;

  /**
   * A small object as UTF-8 text, with the ETag that a list shows and a condition names; undefined: the object does not
   * exist.
   * @throws Error for an object above `smallObjectBytes`, which is not read
   */
  abstract read(key: string): Promise<StoredText | undefined>;

  /**
   * Writes JSON if the condition holds at that moment, and returns the new ETag. Of several writers at once, one
   * succeeds.
   * @throws ConditionFailed otherwise, also where there is no object to match; nothing is written then
   */
  abstract writeIf(key: string, content: object, condition: Condition): Promise<string>;

  /** Writes JSON in place of whatever is there. */
  abstract putJson(key: string, content: object): Promise<void>;

  /**
   * An object of any size as it arrives. The body may throw, e.g. where it stalls.
   * @throws Error where the object does not exist
   */
  abstract stream(key: string): Promise<AsyncIterable<Buffer>>;

  /** Stores a stream of any length, also an empty one. A stream that throws stores nothing: the object before stays. */
  abstract upload(key: string, body: AsyncIterable<Buffer>): Promise<void>;

  /**
   * Retention and encryption of an object.
   * @throws Error where the object does not exist
   */
  abstract facts(key: string): Promise<ObjectFacts>;

  /** Ends connections; may be called more than once. */
  abstract close(): Promise<void>;

  /** Keys below a prefix in order, only those after `startAfter`. */
  async keys(prefix: string, startAfter?: string): Promise<string[]> {
    return (await this.list(prefix, startAfter)).map(({ key }) => key);
  }

  /** Slots of recovery points that have a manifest, oldest first. */
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
    if (read.kind !== kind || read.slot !== slot)
      throw new Error(`${key} contains the manifest of ${read.kind} recovery point ${read.slot}`);
    return read;
  }

  /** The writer record; undefined: there is none. Throws if it is unreadable. */
  async writer(): Promise<Writer | undefined> {
    return (await readWriter(this))?.writer;
  }

  /** Text of a small object; undefined: the object does not exist. */
  async text(key: string): Promise<string | undefined> {
    return (await this.read(key))?.text;
  }
}

export const kindPrefix = (kind: Manifest["kind"]): string =>
  kind === "full" ? bucketKeys.fullPrefix : bucketKeys.changesPrefix;

export const pointPrefix = (kind: Manifest["kind"], slot: string): string => `${kindPrefix(kind)}${slot}/`;

export const manifestKey = (kind: Manifest["kind"], slot: string): string =>
  `${pointPrefix(kind, slot)}${bucketKeys.manifest}`;
