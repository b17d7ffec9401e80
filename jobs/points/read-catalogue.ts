/** Reads a bucket into a catalogue; bad objects are recorded there and never throw. */
import { platformLimits } from "../../contract/index.ts";
import { messageOf } from "../result.ts";
import { Catalogue } from "./catalogue.ts";
import { decisionKey, readRuling, trusted } from "./decisions.ts";
import { isPassing, type ContentFailures } from "./failures.ts";
import type { Manifest } from "./manifest.ts";
import { whyTooLarge, type ListedObject, type ReadableObjects } from "./objects.ts";
import { findPartProblems, readPoint, slotOfKey, type Point } from "./point.ts";
import { lateRunSeconds, slotOf, timeOfSlot } from "./slot.ts";
import { kindPrefix, manifestKey } from "./store.ts";
import { judgePoint } from "./validity.ts";
import type { Writer } from "./writer.ts";

/** Objects of one recovery point may arrive this far apart: replication does not preserve order. */
const defaultSettleSeconds = platformLimits.s3.replicationTimeMinutes * 60;

/** Manifests read concurrently. */
const atOnce = 20;

/** Manifests read before, by key and ETag, so that frequent scans only read new ones. */
export type ManifestCache = Map<string, { etag: string; point: Point } | { etag: string; reason: string }>;

export interface CatalogueArgs {
  store: Pick<ReadableObjects, "list" | "read">;
  writer: Writer | undefined;
  /** Slots of full exports that the scan must include, e.g. the imported ones. */
  since?: readonly string[];
  cache?: ManifestCache;
  failures?: ContentFailures;
  /** @default 900 */
  settleSeconds?: number;
  signal?: AbortSignal | undefined;
  now?: number;
}

/** Reads the newest recovery points, back to a trusted full export and to those that the caller builds on. */
export async function readCatalogue(args: CatalogueArgs): Promise<Catalogue> {
  const reader = new Reader(args);
  const first = await reader.readFulls();
  if (first !== undefined) await reader.readChanges(first);
  reader.prune();
  return reader.catalogue;
}

class Reader {
  readonly catalogue = new Catalogue();
  private readonly args: CatalogueArgs;
  private readonly now: number;
  private readonly cache: ManifestCache;
  /** Series whose decision has been read. */
  private readonly decisionsRead = new Set<string>();

  constructor(args: CatalogueArgs) {
    this.args = args;
    this.now = args.now ?? Date.now();
    this.cache = args.cache ?? new Map();
  }

  /** Returns the slot of the oldest relevant full export; undefined: there is none. */
  async readFulls(): Promise<string | undefined> {
    const slots = await this.list("full");
    const since = [...(this.args.since ?? [])].sort()[0];
    for (const [index, slot] of slots.toReversed().entries()) {
      const point = await this.read("full", slot);
      if (point) await this.judge(point);
      const isEnough = this.catalogue.fulls(trusted).length > 0 && (since === undefined || slot <= since);
      if (isEnough || index === slots.length - 1) return slot;
    }
    return since;
  }

  async readChanges(firstFull: string): Promise<void> {
    const start = (timeOfSlot(firstFull)?.getTime() ?? 0) - lateRunSeconds * 1000;
    const slots = await this.list("changes", slotOf(new Date(start)));
    const points: (Point | undefined)[] = [];
    for (let from = 0; from < slots.length; from += atOnce) {
      const group = slots.slice(from, from + atOnce);
      points.push(...(await Promise.all(group.map((slot) => this.read("changes", slot)))));
    }
    for (const point of points) if (point && point.full >= firstFull) await this.judge(point);
    for (const point of points) if (point) this.findOrphan(point, firstFull);
  }

  /** Removes cached manifests that are no longer listed. */
  prune(): void {
    for (const key of this.cache.keys()) if (!this.catalogue.objects.has(key)) this.cache.delete(key);
  }

  private async list(kind: Manifest["kind"], after?: string): Promise<string[]> {
    const prefix = kindPrefix(kind);
    const slots: string[] = [];
    for (const object of await this.args.store.list(prefix, after && `${prefix}${after}`)) {
      this.catalogue.objects.set(object.key, object);
      try {
        const slot = slotOfKey(kind, object.key);
        if (slot !== undefined) slots.push(slot);
      } catch (error) {
        this.refuse(object.key, messageOf(error));
      }
    }
    return slots;
  }

  private async read(kind: Manifest["kind"], slot: string): Promise<Point | undefined> {
    const key = manifestKey(kind, slot);
    const object = this.catalogue.objects.get(key);
    if (!object) return undefined;
    const known = this.cache.get(key);
    const found = known?.etag === object.etag ? known : await this.readNew(kind, slot, object);
    if (found && "point" in found) return found.point;
    if (found) this.refuse(key, found.reason);
    return undefined;
  }

  private async readNew(kind: Manifest["kind"], slot: string, object: ListedObject) {
    const { key, etag, bytes } = object;
    const tooLarge = whyTooLarge(bytes);
    if (tooLarge !== undefined) return { etag, reason: `unreadable: ${tooLarge}` };
    let text: string | undefined;
    try {
      text = (await this.args.store.read(key))?.text;
    } catch (error) {
      this.args.signal?.throwIfAborted();
      if (isPassing(error)) this.catalogue.waiting.push({ key, reason: messageOf(error) });
      else this.refuse(key, `unreadable: ${messageOf(error)}`);
      return undefined;
    }
    if (text === undefined) return undefined;
    let found: { point: Point } | { reason: string };
    try {
      found = { point: readPoint(text, object, kind, slot) };
    } catch (error) {
      found = { reason: messageOf(error) };
    }
    const known = { etag, ...found };
    this.cache.set(key, known);
    return known;
  }

  /** Adds a recovery point to the catalogue, or records why it is unusable. */
  private async judge(point: Point): Promise<void> {
    const { objects } = this.catalogue;
    const versions = point.parts.map(({ key }) => objects.get(key)?.etag ?? "");
    const judged: Point = { ...point, version: [objects.get(point.key)?.etag, ...versions].join(" ") };
    const judgement = judgePoint(judged, this.args.writer, this.now);
    if (judgement.is === "rejected") {
      if (judgement.fromFuture) this.catalogue.future.push(judged);
      return this.refuse(judged.key, judgement.reason);
    }
    const { missing, wrong } = findPartProblems(judged, objects);
    const failure = this.args.failures?.reasonOf(judged, this.now);
    const reason = wrong.join("; ") || failure;
    if (reason) return this.refuse(judged.key, reason);
    const pending = judgement.is === "pending" ? judgement.reason : missing.join("; ");
    if (pending) return this.waitFor(judged, pending);
    this.catalogue.points.push(judged);
    if (judged.suspicious) await this.decide(judged.suspicious.since);
  }

  /** A recovery point may arrive before its parent; after the settle time the parent counts as lost. */
  private findOrphan(point: Point, firstFull: string): void {
    const { parent, full } = point;
    if (full < firstFull || !parent || this.catalogue.has(parent.kind, parent.slot)) return;
    if (this.catalogue.find(point.kind, point.slot))
      this.waitFor(point, `its parent, ${parent.kind} ${parent.slot}, is missing`);
  }

  private waitFor(point: Point, reason: string): void {
    const settled = (point.storedAt?.getTime() ?? 0) + (this.args.settleSeconds ?? defaultSettleSeconds) * 1000;
    if (this.now > settled) this.refuse(point.key, reason);
    else this.catalogue.waiting.push({ key: point.key, reason });
  }

  private async decide(since: string): Promise<void> {
    const { rulings } = this.catalogue;
    if (this.decisionsRead.has(since)) return;
    this.decisionsRead.add(since);
    try {
      const ruling = await readRuling(this.args.store, since);
      rulings.set(since, ruling);
      if (ruling.problem !== undefined) this.refuse(decisionKey(since), ruling.problem);
    } catch {
      // What passes leaves the series undecided for this look.
      this.args.signal?.throwIfAborted();
    }
  }

  private refuse(key: string, reason: string): void {
    this.catalogue.refused.push({ key, reason });
  }
}
