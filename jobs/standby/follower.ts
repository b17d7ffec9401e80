/**
 * Keeps the standby database at the newest recovery point of the bucket: a full export becomes a new generation,
 * changes advance a generation, and only verified states are used. Bad recovery points are reported and skipped.
 */
import { metrics } from "../../contract/index.ts";
import { readState, writeState } from "../database/state.ts";
import { publish } from "../metrics.ts";
import { type Catalogue } from "../points/catalogue.ts";
import { readCatalogue, type ManifestCache } from "../points/read-catalogue.ts";
import { ContentFailures } from "../points/failures.ts";
import type { Refusal } from "../points/point.ts";
import { WriterRecordError, type Writer } from "../points/writer.ts";
import { messageOf } from "../result.ts";
import {
  dropGeneration,
  hasBeenUsed,
  listGenerations,
  markFencedUsed,
  saveGeneration,
  type Generation,
} from "./generations.ts";
import { ScanReport } from "./scan-report.ts";
import { currentOf, findDoubt, findVanished, keptOf, nextTask, type Task } from "./next-task.ts";
import {
  BadPoint,
  continueGeneration,
  importGeneration,
  recordVerified,
  type RestoreArgs,
} from "./restore-generation.ts";
import { listQuarantined } from "./quarantine.ts";

export interface FollowerArgs extends Omit<RestoreArgs, "onProgress" | "onVerified"> {
  followerState: FollowerState;
}

/** State that persists across followers. */
export class FollowerState {
  readonly cache: ManifestCache = new Map();
  readonly failures = new ContentFailures();
  readonly report = new ScanReport();
  /** Slot of the recovery point being imported or applied. */
  inProgress: string | undefined;
  /** Consecutive transient import failures; each import is expensive, so retries back off. */
  importFailures = 0;
  importsFrom = 0;
}

const firstImportPauseSeconds = 5;
const longestImportPauseSeconds = 60;

/** Result of one scan of the bucket. */
interface BucketScan {
  catalogue: Catalogue;
  generations: Generation[];
  refused: Refusal[];
}

export class Follower {
  private readonly args: FollowerArgs;
  /** Slots of recovery points verified by this run, in order. */
  readonly verified: string[] = [];
  private scan: BucketScan | undefined;

  constructor(args: FollowerArgs) {
    this.args = args;
  }

  /** The newest usable generation; undefined: none. */
  async current(): Promise<Generation | undefined> {
    return currentOf(await listGenerations(this.args.server));
  }

  /** Recovery points that the last scan refused, waits for, or found suspicious. */
  get findings() {
    const { catalogue, refused = [] } = this.scan ?? {};
    const suspicious = (catalogue?.undecided ?? []).map(({ kind, slot }) => `${kind} ${slot}`);
    return { refused, waiting: catalogue?.waiting ?? [], suspicious };
  }

  /** Advances the standby to the newest usable recovery point; returns whether anything was done. */
  async follow(): Promise<boolean> {
    const before = this.verified.length;
    await markFencedUsed(this.args.server);
    try {
      for (;;) {
        this.scan = await this.scanBucket();
        const { catalogue, generations } = this.scan;
        const task = nextTask(catalogue, generations);
        if (!task || (task.kind === "import" && Date.now() < this.args.followerState.importsFrom)) break;
        await this.do(task, generations);
      }
      await this.use(this.scan);
    } finally {
      await this.reportScan();
    }
    return this.verified.length > before;
  }

  private async scanBucket(): Promise<BucketScan> {
    const { server, store, followerState, settings, context } = this.args;
    const writer = await this.readWriter();
    for (const point of await listQuarantined(server)) followerState.failures.quarantine(point);
    const generations = (await listGenerations(server)).filter(({ state }) => state !== "importing");
    const catalogue = await readCatalogue({
      store,
      writer,
      // Generations that were in use are never continued, so their recovery points need not be read, however long they
      // are kept.
      since: generations.filter((generation) => !hasBeenUsed(generation)).map(({ full }) => full),
      cache: followerState.cache,
      failures: followerState.failures,
      settleSeconds: settings.REPLICATION_BOUND_SECONDS,
      signal: context.signal,
    });
    for (const generation of generations) await this.judge(generation, catalogue, writer);
    const refused = [...catalogue.refused, ...findVanished(catalogue, generations)];
    return { catalogue, generations, refused };
  }

  private async readWriter(): Promise<Writer | undefined> {
    try {
      return await this.args.store.writer();
    } catch (error) {
      if (error instanceof WriterRecordError) await this.args.followerState.report.publish(this.args, { refused: 1 });
      throw error;
    }
  }

  /** Checks a generation against the bucket: whether it is in doubt, and whether its evidence is missing. */
  private async judge(generation: Generation, catalogue: Catalogue, writer: Writer | undefined): Promise<void> {
    const doubt = generation.doubt ?? findDoubt(generation, catalogue, writer);
    if (doubt !== undefined && generation.doubt === undefined) {
      this.args.context.log(`generation ${generation.name} is used only as a last resort: ${doubt}`);
      await saveGeneration(this.args.server, Object.assign(generation, { doubt }));
    }
    // An earlier run was killed between saving the state and writing its evidence.
    const isUnproved = generation.state === "verified" && generation.evidence !== generation.slot;
    if (isUnproved && generation.doubt === undefined)
      await recordVerified(this.restoreArgs(), generation, undefined, {});
  }

  private async do(task: Task, generations: readonly Generation[]): Promise<void> {
    const { followerState, settings, context } = this.args;
    try {
      if (task.kind === "continue") await continueGeneration(this.restoreArgs(), task.generation, task.points);
      else await importGeneration(this.restoreArgs(), task.full, generations);
      followerState.importFailures = 0;
    } catch (error) {
      context.signal.throwIfAborted();
      await publish(settings, metrics.standbySynced, 0, "Count", context);
      if (!(error instanceof BadPoint)) {
        if (task.kind === "import") this.pauseImports();
        throw error;
      }
      followerState.failures.note(error.point, messageOf(error.cause));
      context.log(`skipped: ${error.message}`);
    }
  }

  private pauseImports(): void {
    const { followerState } = this.args;
    const seconds = Math.min(firstImportPauseSeconds * 2 ** followerState.importFailures++, longestImportPauseSeconds);
    followerState.importsFrom = Date.now() + seconds * 1000;
  }

  /** Points the site at the newest usable generation and drops generations that are no longer needed. */
  private async use({ catalogue }: BucketScan): Promise<void> {
    const { server } = this.args;
    const [state, generations] = [await readState(server), await listGenerations(server)];
    const current = currentOf(generations);
    const chosen = current?.name ?? "";
    if (state && !state.ready && (state.database !== chosen || state.recoveryPoint !== current?.slot)) {
      const reason = current ? "standby: follows the recovery points" : "no recovery point has been imported yet";
      await writeState(server, {
        database: chosen,
        ready: false,
        reason,
        recoveryPoint: current?.slot,
        snapshotAt: current?.snapshotAt,
      });
    }
    const kept = keptOf(generations, catalogue.undecided[0]?.snapshotAt);
    for (const { name } of generations) if (!kept.has(name)) await dropGeneration(server, name);
  }

  private async reportScan(): Promise<void> {
    if (!this.scan || this.args.context.signal.aborted) return;
    const { catalogue, refused } = this.scan;
    await this.args.followerState.report.update(this.args, { refused, catalogue });
  }

  private restoreArgs(): RestoreArgs {
    return {
      ...this.args,
      onProgress: (slot) => (this.args.followerState.inProgress = slot),
      onVerified: (slot) => this.verified.push(slot),
    };
  }
}
