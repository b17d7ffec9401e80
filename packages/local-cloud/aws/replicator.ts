/**
 * Emulates S3 replication from the buckets' replication configurations. It goes through the gateways, so that a region
 * that is cut neither sends nor receives.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeKeyCommand } from "@aws-sdk/client-kms";
import { DeleteObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Change, ObjectChange } from "./changes.ts";
import type { Gateway } from "./gateway.ts";
import { BucketSettingsCache } from "./replication-buckets.ts";
import { ReplicationClients, replicatorAgent } from "./replication-clients.ts";
import { copyVersion, headVersion, isKmsEncrypted, tagsOf } from "./replication-copy.ts";
import { CopyRefused, isGone, isPassing, reasonOf } from "./replication-errors.ts";
import { syncMetadata } from "./replication-metadata.ts";
import { ReplicationMetrics } from "./replication-metrics.ts";
import { ReplicationRecord } from "./replication-record.ts";
import type { Copy, VersionName } from "./replication-record.ts";
import { hasTagFilter, rulesFor } from "./replication-rules.ts";
import type { Rule } from "./replication-rules.ts";
import { TaskQueue } from "./task-queue.ts";
import type { Task } from "./task-queue.ts";
import type { Credentials, ReplicationFailure, Replicator } from "./types.ts";

const defaultDelaySeconds = 0.2;
const retryMilliseconds = 100;

type Created = Extract<ObjectChange, { kind: "created" }>;
type Metadata = Extract<ObjectChange, { kind: "tags" | "retention" | "legal-hold" }>;

export class BucketReplicator implements Replicator {
  readonly #gateway: Gateway;
  readonly #clients: ReplicationClients;
  readonly #buckets: BucketSettingsCache;
  readonly #record = new ReplicationRecord();
  readonly #queue = new TaskQueue();
  readonly #metrics: ReplicationMetrics;
  readonly #failures: ReplicationFailure[] = [];
  /** Changes whose rules are still being read; a status request waits for those of its bucket. */
  readonly #considering = new Map<Promise<void>, ObjectChange>();
  readonly #closed = new AbortController();

  constructor(gateway: Gateway, credentials: Credentials) {
    this.#gateway = gateway;
    this.#clients = new ReplicationClients((region) => gateway.endpoint(region), credentials);
    this.#buckets = new BucketSettingsCache((bucket) => this.#clientOf(bucket));
    this.#metrics = new ReplicationMetrics((bucket) => this.#clients.in(this.#homeOf(bucket)).cloudWatch);
    this.#queue.delaySeconds = defaultDelaySeconds;
    gateway.onChange = (change, { userAgent }) => this.#notice(change, userAgent.includes(replicatorAgent));
    gateway.onRestore = () => this.#queue.wake();
    gateway.replicationStatus = async (bucket, key, versionId) => {
      await this.#considered((change) => change.kind === "created" && change.bucket === bucket);
      return this.#record.status({ bucket, key, versionId });
    };
  }

  get delaySeconds(): number {
    return this.#queue.delaySeconds;
  }

  set delaySeconds(seconds: number) {
    this.#queue.delaySeconds = seconds;
  }

  pending(): number {
    return this.#queue.size + this.#considering.size;
  }

  failures(): ReplicationFailure[] {
    return [...this.#failures];
  }

  async idle(timeoutSeconds: number): Promise<void> {
    const startedAt = Date.now();
    const late = sleep(timeoutSeconds * 1000, "late", { ref: false });
    if ((await Promise.race([this.#considered(), late])) === "late")
      throw new Error(`replication configurations were not read within ${timeoutSeconds} s`);
    await this.#queue.idle(timeoutSeconds - (Date.now() - startedAt) / 1000);
  }

  async stop(): Promise<void> {
    this.#closed.abort();
    this.#queue.close();
    await this.#metrics.stop();
    this.#clients.close();
  }

  #homeOf(bucket: string): string {
    const home = this.#gateway.homes.get(bucket);
    if (home === undefined) throw new CopyRefused(`there is no bucket ${bucket}`);
    return home;
  }

  /** True also for a bucket that is gone: the attempt reports it. */
  #isReachable(bucket: string): boolean {
    const home = this.#gateway.homes.get(bucket);
    return home === undefined || !this.#gateway.isCut(home);
  }

  #clientOf(bucket: string): S3Client {
    return this.#clients.in(this.#homeOf(bucket)).s3;
  }

  /** Ignores the replicator's own writes. */
  #notice(change: Change, isOwn: boolean): void {
    if (change.kind === "bucket-settings") this.#buckets.forget(change.bucket);
    else if (!isOwn) {
      const considered = this.#considerUntilRead(change);
      this.#considering.set(considered, change);
      void considered.then(() => this.#considering.delete(considered));
    }
  }

  async #considered(which: (change: ObjectChange) => boolean = () => true): Promise<void> {
    const open = [...this.#considering].filter(([, change]) => which(change));
    await Promise.all(open.map(([considered]) => considered));
  }

  /** Retries until the rules could be read: a region cut right after the change replicates it when it is back. */
  async #considerUntilRead(change: ObjectChange): Promise<void> {
    while (!this.#closed.signal.aborted) {
      try {
        if (this.#isReachable(change.bucket)) return await this.#consider(change);
      } catch (error) {
        if (!isPassing(error)) return this.#refuse(change, "", error);
      }
      await sleep(retryMilliseconds, undefined, { ref: false });
    }
  }

  async #consider(change: ObjectChange): Promise<void> {
    const { rules, versioned } = await this.#buckets.of(change.bucket);
    const covering = rules.filter(({ prefix }) => change.key.startsWith(prefix));
    if (covering.length === 0 || !versioned) return;
    if (change.kind === "deleted") this.#replicateDeletion(change, covering);
    else if (change.kind !== "created") await this.#replicateMetadata(change, covering);
    else {
      const { s3 } = this.#clients.in(this.#homeOf(change.bucket));
      const tags = covering.some(hasTagFilter) ? await tagsOf(s3, change, this.#closed.signal) : {};
      for (const rule of rulesFor(covering, change.key, tags)) this.#replicate(change, rule);
    }
  }

  #replicate(version: Created, rule: Rule): void {
    const copy = this.#record.add(version, rule.destination);
    const startedAt = Date.now();
    this.#enqueue(
      version,
      rule.destination,
      "version",
      async () => {
        const isCopied = await this.#copy(version, rule, copy);
        if (!isCopied) return this.#record.withdraw(version, copy);
        const latencySeconds = (Date.now() - startedAt) / 1000;
        if (rule.metrics) this.#metrics.completed(version.bucket, rule, latencySeconds, this.#queue.size - 1);
      },
      () => {
        copy.state = "FAILED";
        if (rule.metrics) this.#metrics.failed(version.bucket, rule);
      },
    );
  }

  /** False if the version was deleted in the meantime. */
  async #copy(version: VersionName, rule: Rule, copy: Copy): Promise<boolean> {
    const { signal } = this.#closed;
    const [from, to] = [this.#clientOf(version.bucket), this.#clientOf(rule.destination)];
    const [source, destination] = [await this.#buckets.of(version.bucket), await this.#buckets.of(rule.destination)];
    if (!destination.versioned) throw new CopyRefused(`destination ${rule.destination} is not versioned`);
    if (source.locked && !destination.locked)
      throw new CopyRefused(`destination ${rule.destination} has no Object Lock, but the source bucket has`);
    const head = await headVersion(from, version, signal).catch(unlessGone);
    if (!head) return false;
    if (isKmsEncrypted(head)) await this.#checkKeys(rule);
    const replica = await copyVersion({ from, to, source: version, rule, signal }, head);
    this.#record.complete(version, copy, replica);
    return true;
  }

  async #checkKeys({ kmsEncrypted, replicaKmsKey, destination }: Rule): Promise<void> {
    if (!kmsEncrypted || replicaKmsKey === undefined)
      throw new CopyRefused("the object is encrypted with a KMS key, but the rule does not select such objects");
    const { kms } = this.#clients.in(this.#homeOf(destination));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: replicaKmsKey }));
    if (KeyMetadata?.KeyState !== "Enabled")
      throw new CopyRefused(`replica key ${replicaKmsKey} is ${KeyMetadata?.KeyState ?? "unknown"}`);
  }

  #replicateDeletion({ bucket, key }: ObjectChange, rules: Rule[]): void {
    for (const { destination, deleteMarkers } of rulesFor(rules, key, {})) {
      if (!deleteMarkers) continue;
      this.#enqueue({ bucket, key, versionId: "" }, destination, "delete marker", async () => {
        await this.#clientOf(destination).send(new DeleteObjectCommand({ Bucket: destination, Key: key }));
      });
    }
  }

  /** From source to replicas always; from a replica to its source only with replica modification sync. */
  async #replicateMetadata(change: Metadata, rules: Rule[]): Promise<void> {
    const { bucket, key, kind } = change;
    const s3 = this.#clientOf(bucket);
    const versionId = change.versionId ?? (await this.#currentVersion(s3, change));
    if (versionId === undefined) return;
    const version = { bucket, key, versionId };
    const back = this.#record.sourceOf(version);
    for (const copy of this.#record.copiesOf(version)) {
      this.#enqueue(version, copy.destination, kind, async () => {
        if (copy.replica) await this.#sync(kind, version, copy.replica);
      });
    }
    if (back && rules.some((rule) => rule.replicaModifications && rule.destination === back.bucket))
      this.#enqueue(version, back.bucket, kind, () => this.#sync(kind, version, back));
  }

  async #currentVersion(s3: S3Client, { bucket, key }: Metadata): Promise<string | undefined> {
    return (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).VersionId;
  }

  #sync(kind: Metadata["kind"], from: VersionName, to: VersionName): Promise<void> {
    return syncMetadata(
      kind,
      { client: this.#clientOf(from.bucket), ...from },
      { client: this.#clientOf(to.bucket), ...to },
    );
  }

  #enqueue(
    version: VersionName,
    destination: string,
    what: string,
    work: () => Promise<void>,
    onFailure: () => void = () => undefined,
  ): void {
    const { bucket, key } = version;
    const task: Task = {
      chain: [bucket, destination, key].join("\n"),
      title: `${what} of ${bucket}/${key} to ${destination}`,
      ready: () => this.#isReachable(bucket) && this.#isReachable(destination),
      run: async () => {
        try {
          await work();
        } catch (error) {
          if (isPassing(error)) return "again";
          onFailure();
          this.#refuse(version, destination, error);
        }
        return "done";
      },
    };
    this.#queue.add(task);
  }

  #refuse(
    version: { bucket: string; key: string; versionId?: string | undefined },
    destination: string,
    error: unknown,
  ): void {
    if (this.#closed.signal.aborted) return;
    const { bucket, key, versionId = "" } = version;
    this.#failures.push({ at: Date.now(), bucket, key, versionId, destination, reason: reasonOf(error) });
  }
}

function unlessGone(error: unknown): undefined {
  if (!isGone(error)) throw error;
}
