/**
 * Keeps the standby database at the newest recovery point of the bucket: a
 * full export becomes a fresh generation, changes bring a generation forward,
 * and only what was verified is ever used.
 */
import { metrics, standbyEvidenceKey } from "../../plan/names.ts";
import { redefineAccesses, type AccessKeys } from "../database/accesses.ts";
import type { Database } from "../database/client.ts";
import { advanceSequences, sequenceReserve } from "../database/sequences.ts";
import { readState, writeState } from "../database/state.ts";
import type { Evidence } from "../evidence.ts";
import { publish } from "../metrics.ts";
import type { ChangesManifest, FullManifest, Manifest } from "../points/manifest.ts";
import type { PointStore, Writer } from "../points/store.ts";
import { findTrueChain, newestTrueFull } from "../points/truth.ts";
import { importFull } from "../restore/import.ts";
import { replayChanges } from "../restore/replay.ts";
import { findDifferences } from "../restore/verify.ts";
import { importOptions } from "../restore-verify.ts";
import { JobFailure, messageOf, timed, type JobContext } from "../result.ts";
import type { Settings } from "../settings.ts";
import { dropGeneration, generationName, listGenerations, saveGeneration, type Generation } from "./generations.ts";

export interface FollowerArgs {
  server: Database;
  store: PointStore;
  evidence: PointStore;
  keys: () => Promise<Record<string, AccessKeys>>;
  settings: Settings<"standby-sync">;
  context: JobContext;
  memory: Memory;
}

/** What outlives a follower. */
export interface Memory {
  /** Failed imports by slot. */
  failures: Map<string, number>;
  /** Point that is being imported or applied. */
  inProgress: string | undefined;
}

/** Imports of one full export that may fail before it is left alone. */
const attemptsPerFull = 3;

export class Follower {
  private readonly args: FollowerArgs;
  /** Points verified by this run, in order. */
  readonly verified: string[] = [];

  constructor(args: FollowerArgs) {
    this.args = args;
  }

  /** The generation that can be believed and is newest; undefined: none. */
  async current(): Promise<Generation | undefined> {
    const believed = (await listGenerations(this.args.server)).filter(({ state }) => state === "verified");
    return believed.toSorted((a, b) => a.snapshotAt.localeCompare(b.snapshotAt)).at(-1);
  }

  /** Brings the standby to the newest point in the bucket; gives whether anything was done. */
  async follow(): Promise<boolean> {
    const before = this.verified.length;
    const writer = await this.args.store.writer();
    const known = await this.newestGeneration();
    if (known) await this.continueChain(known, writer);
    const full = await this.newestFull(writer);
    if (full && full.slot !== known?.full && (await this.leadsFurther(full, known, writer))) {
      const generation = await this.importGeneration(full);
      await this.continueChain(generation, writer);
    }
    await this.use();
    return this.verified.length > before;
  }

  /** The newest generation, also one in whose changes a run was killed: they are applied again. */
  private async newestGeneration(): Promise<Generation | undefined> {
    return (await listGenerations(this.args.server)).filter(({ state }) => state !== "importing").at(-1);
  }

  /**
   * A full export that arrived late may be older than the changes applied since, which continue the one before it;
   * what is written from now on continues the new one, so its chain's end counts.
   */
  private async leadsFurther(full: FullManifest, known: Generation | undefined, writer: Writer | undefined) {
    if (!known || full.snapshotAt > known.snapshotAt) return true;
    const end = (await findTrueChain(this.args.store, full, writer)).at(-1);
    return end !== undefined && end.snapshotAt > known.snapshotAt;
  }

  private async newestFull(writer: Writer | undefined): Promise<FullManifest | undefined> {
    const { store, memory } = this.args;
    return newestTrueFull(store, writer, (slot) => (memory.failures.get(slot) ?? 0) < attemptsPerFull);
  }

  private async importGeneration(full: FullManifest): Promise<Generation> {
    const { server, store, settings, context } = this.args;
    this.args.memory.inProgress = full.slot;
    const name = generationName(full.slot);
    const generation: Generation = { ...atPoint(full), name, full: full.slot, state: "importing", evidence: "" };
    context.log(`importing full point ${full.slot} with ${full.rows} rows`);
    await dropGeneration(server, name);
    await saveGeneration(server, generation);
    const target = server.other(name);
    const seconds: Record<string, number> = {};
    try {
      await timed(seconds, "import", () => importFull(store, full, target, importOptions(settings, context)));
      const differences = await timed(seconds, "compare", () => findDifferences(target, full));
      if (differences.length > 0)
        throw new JobFailure(`point ${full.slot}: ${differences.join("; ")}`, { differences });
      await timed(seconds, "accesses", async () => redefineAccesses(target, await this.args.keys()));
      await timed(seconds, "sequences", () =>
        advanceSequences(target, full.sequences, sequenceReserve(settings, full.snapshotAt)),
      );
    } catch (error) {
      await this.giveUp(generation, error);
      throw error;
    }
    return this.record(generation, full, { full, seconds });
  }

  /** Applies the changes after the generation's point, each verified before the next. */
  private async continueChain(generation: Generation, writer: Writer | undefined): Promise<void> {
    const { server, store, context } = this.args;
    const full = await store.manifest("full", generation.full);
    if (!full) throw new Error(`full point ${generation.full} has vanished from ${store.bucket}`);
    // The run before was killed between the record and its evidence.
    const unproved = generation.state === "verified" && generation.evidence !== generation.slot;
    if (unproved) await this.record(generation, undefined, { full, seconds: {} });
    const chain = await findTrueChain(store, full, writer);
    const next = chain.findIndex(({ slot }) => generation.kind === "changes" && slot === generation.slot) + 1;
    for (const point of chain.slice(next)) {
      this.args.memory.inProgress = point.slot;
      const seconds: Record<string, number> = {};
      const target = server.other(generation.name);
      const unsure = () => saveGeneration(server, Object.assign(generation, { state: "applying" }));
      const { differences, written } = await timed(seconds, "apply", () => replayChanges(store, point, target, unsure));
      if (differences.length > 0) {
        const failure = new JobFailure(`point ${point.slot}: ${differences.join("; ")}`, { differences });
        await this.giveUp(generation, failure);
        throw failure;
      }
      await advanceSequences(target, point.sequences, sequenceReserve(this.args.settings, point.snapshotAt));
      context.log(`applied changes ${point.slot}: ${written} records`);
      await this.record(generation, point, { full, seconds });
    }
    if (generation.state === "applying") {
      await this.giveUp(generation, new Error("its half-applied changes are no longer in the bucket"));
    }
  }

  /** Says that a generation is at a point and verified, first to the database, then as evidence. */
  private async record(
    generation: Generation,
    point: Manifest | undefined,
    { full, seconds }: { full: FullManifest; seconds: Record<string, number> },
  ): Promise<Generation> {
    const { server, settings, context } = this.args;
    Object.assign(generation, point ? atPoint(point) : {}, { state: "verified" });
    await saveGeneration(server, generation);
    const evidence = describe(generation, full, seconds, settings);
    await this.args.evidence.putJson(standbyEvidenceKey(generation.slot), evidence);
    await saveGeneration(server, Object.assign(generation, { evidence: generation.slot }));
    this.verified.push(generation.slot);
    this.args.memory.inProgress = undefined;
    await publish(settings, metrics.standbySynced, 1, "Count", context);
    return generation;
  }

  /** A generation that is not what it should be is dropped; its full export is imported again, a few times. */
  private async giveUp(generation: Generation, error: unknown): Promise<void> {
    const { server, settings, context } = this.args;
    if (context.signal.aborted) return; // the next run drops or continues it
    this.args.memory.failures.set(generation.full, (this.args.memory.failures.get(generation.full) ?? 0) + 1);
    context.log(`generation ${generation.name} is dropped: ${messageOf(error)}`);
    await dropGeneration(server, generation.name);
    await this.use();
    await publish(settings, metrics.standbySynced, 0, "Count", context);
  }

  /** Points the site at the newest generation that can be believed, keeps the one before it, and drops the rest. */
  private async use(): Promise<void> {
    const { server } = this.args;
    const [state, current] = [await readState(server), await this.current()];
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
    const others = (await listGenerations(server)).filter(({ name }) => name !== chosen);
    for (const { name } of others.slice(0, -1)) await dropGeneration(server, name);
  }
}

const atPoint = ({ kind, slot, snapshotAt, sequences, writer }: FullManifest | ChangesManifest) => ({
  epoch: writer.epoch,
  kind,
  slot,
  snapshotAt,
  sequences,
});

function describe(
  generation: Generation,
  full: FullManifest,
  seconds: Record<string, number>,
  settings: Settings<"standby-sync">,
): Evidence {
  const tables = Object.entries(full.tables).map(([name, { rows }]) => [name, { rows }] as const);
  return {
    by: "standby-sync",
    site: settings.SITE,
    kind: generation.kind,
    slot: generation.slot,
    full: generation.full,
    epoch: generation.epoch,
    snapshotAt: generation.snapshotAt,
    verifiedAt: new Date().toISOString(),
    verified: true,
    differences: [],
    rows: full.rows,
    tables: Object.fromEntries(tables),
    seconds,
    bucket: settings.BUCKET,
  };
}
