/** An in-memory bucket, for tests of object handling rather than of S3. */
import {
  ConditionFailed,
  whyTooLarge,
  type Condition,
  type ListedObject,
  type StoredText,
} from "../../../jobs/points/objects.ts";
import { PointStore, type ObjectFacts } from "../../../jobs/points/store.ts";
import { digestOf } from "../../../jobs/points/summary.ts";

export class MemoryStore extends PointStore {
  readonly bucket: string = "memory";
  readonly objects = new Map<string, Buffer>();
  /** Storage times of objects; default: just now. */
  readonly storedAt = new Map<string, Date>();
  /** Makes reading a key fail. */
  readonly failing = new Map<string, Error>();

  async list(prefix: string, startAfter = ""): Promise<ListedObject[]> {
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix) && inBytes(key, startAfter) > 0);
    return found
      .sort(([a], [b]) => inBytes(a, b))
      .map(([key, content]) => ({
        key,
        etag: digestOf(content),
        bytes: content.length,
        storedAt: this.storedAt.get(key) ?? new Date(),
      }));
  }

  async firstKey(prefix: string): Promise<string | undefined> {
    return (await this.list(prefix))[0]?.key;
  }

  async read(key: string): Promise<StoredText | undefined> {
    const content = this.#content(key);
    if (!content) return undefined;
    const tooLarge = whyTooLarge(content.length);
    if (tooLarge !== undefined) throw new Error(`${this.bucket}/${key} is too large: ${tooLarge}`);
    return { text: content.toString(), etag: digestOf(content), storedAt: this.storedAt.get(key) ?? new Date() };
  }

  async writeIf(key: string, content: object, condition: Condition): Promise<string> {
    const before = this.objects.get(key);
    const etag = before && digestOf(before);
    const holds = "ifMatch" in condition ? condition.ifMatch === etag : etag === undefined;
    if (!holds) throw new ConditionFailed(`${this.bucket}/${key} was changed by another writer meanwhile`);
    const after = Buffer.from(JSON.stringify(content));
    this.objects.set(key, after);
    return digestOf(after);
  }

  async putJson(key: string, content: object): Promise<void> {
    this.objects.set(key, Buffer.from(JSON.stringify(content)));
  }

  async stream(key: string): Promise<AsyncIterable<Buffer>> {
    const content = this.#content(key);
    if (!content) throw new Error(`${key} is not there`);
    return (async function* () {
      for (let at = 0; at < content.length; at += 1000) yield content.subarray(at, at + 1000);
    })();
  }

  async upload(key: string, body: AsyncIterable<Buffer>): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of body) pieces.push(Buffer.from(piece));
    this.objects.set(key, Buffer.concat(pieces));
  }

  async facts(key: string): Promise<ObjectFacts> {
    if (!this.#content(key)) throw new Error(`${key} is not there`);
    return { lockedUntil: undefined, encryption: { algorithm: "none" } };
  }

  async close(): Promise<void> {}

  #content(key: string): Buffer | undefined {
    const failure = this.failing.get(key);
    if (failure) throw failure;
    return this.objects.get(key);
  }
}

const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
