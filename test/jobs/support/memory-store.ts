/** A bucket in memory, for tests of what is done with its objects rather than with S3. */
import { bucketKeys } from "../../../contract/index.ts";
import { parseManifest, type Manifest } from "../../../jobs/points/manifest.ts";
import { ConditionFailed, type Condition, type ListedObject, type StoredText } from "../../../jobs/points/objects.ts";
import { manifestKey, type ObjectFacts, type PointStore } from "../../../jobs/points/store.ts";
import { digestOf } from "../../../jobs/points/summary.ts";
import { readWriter, type Writer } from "../../../jobs/points/writer.ts";

export class MemoryStore {
  readonly bucket = "memory";
  readonly objects = new Map<string, Buffer>();
  /** When each object was stored, where that is not "just now". */
  readonly storedAt = new Map<string, Date>();
  /** Makes reading a key fail. */
  readonly failing = new Map<string, Error>();

  async list(prefix: string, startAfter = ""): Promise<ListedObject[]> {
    const keys = await this.keys(prefix, startAfter);
    return keys.map((key) => {
      const content = this.objects.get(key) ?? Buffer.alloc(0);
      const storedAt = this.storedAt.get(key) ?? new Date();
      return { key, etag: digestOf(content), bytes: content.length, storedAt };
    });
  }
  async keys(prefix: string, startAfter = ""): Promise<string[]> {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > startAfter).sort();
  }
  async firstKey(prefix: string): Promise<string | undefined> {
    return (await this.keys(prefix))[0];
  }
  async slots(kind: Manifest["kind"], after = ""): Promise<string[]> {
    const prefix = kind === "full" ? bucketKeys.fullPrefix : bucketKeys.changesPrefix;
    const keys = await this.keys(prefix, `${prefix}${after}`);
    const end = `/${bucketKeys.manifest}`;
    return keys.filter((key) => key.endsWith(end)).map((key) => key.slice(prefix.length, -end.length));
  }
  async manifest(kind: Manifest["kind"], slot: string): Promise<Manifest | undefined> {
    const text = await this.text(manifestKey(kind, slot));
    return text === undefined ? undefined : parseManifest(slot, text);
  }
  async text(key: string): Promise<string | undefined> {
    const failure = this.failing.get(key);
    if (failure) throw failure;
    return this.objects.get(key)?.toString();
  }
  async writer(): Promise<Writer | undefined> {
    return (await readWriter(this))?.writer;
  }
  async read(key: string): Promise<StoredText | undefined> {
    const text = await this.text(key);
    return text === undefined
      ? undefined
      : { text, etag: digestOf(text), storedAt: this.storedAt.get(key) ?? new Date() };
  }
  async writeIf(key: string, content: object, condition: Condition): Promise<string> {
    const etag = (await this.read(key))?.etag;
    const holds = "ifMatch" in condition ? condition.ifMatch === etag : etag === undefined;
    if (!holds) throw new ConditionFailed(`${this.bucket}/${key} was changed by another writer`);
    await this.putJson(key, content);
    return (await this.read(key))?.etag ?? "";
  }
  async stream(key: string): Promise<AsyncIterable<Buffer>> {
    const failure = this.failing.get(key);
    if (failure) throw failure;
    const content = this.objects.get(key);
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
  async putJson(key: string, content: object): Promise<void> {
    this.objects.set(key, Buffer.from(JSON.stringify(content)));
  }
  async facts(): Promise<ObjectFacts> {
    return { lockedUntil: undefined, encryption: { algorithm: "none" } };
  }
  asStore(): PointStore {
    return this as unknown as PointStore;
  }
}
