/**
 * Watches the writer records in both regions' buckets and fences this site as soon as one of them names another site in
 * a newer epoch. Never lifts the fence automatically: that takes a promotion or an operator's decision.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { metrics, writerGuardAgent } from "../contract/index.ts";
import { openServer } from "./database/open-server.ts";
import type { Database } from "./database/client.ts";
import { readState, fenceSite } from "./database/state.ts";
import { inTime } from "./wire/in-time.ts";
import { publish } from "./metrics.ts";
import { newestRecord } from "./points/epochs.ts";
import { S3PointStore } from "./points/s3-store.ts";
import type { PointStore } from "./points/store.ts";
import type { Writer } from "./points/writer.ts";
import { readRecord, type GuardedBucket, type Reading } from "./read-record.ts";
import { messageOf, succeeded, type Details, type JobContext, type Result } from "./result.ts";
import type { Settings } from "./settings.ts";

type GuardSettings = Settings<"writer-guard">;

/**
 * The newest record that supersedes a site in the given epoch; undefined: the site may continue. An unreachable bucket
 * is no reason to stop, nor is a record of the site itself, nor another site's record whose epoch is not above all of
 * the site's own: that bucket has merely not received the newer record yet.
 */
export function findSuccessor(
  site: Writer["site"],
  epoch: number,
  readings: readonly Reading[],
): { writer: Writer; bucket: string } | undefined {
  const records = readings.flatMap((reading) =>
    "writer" in reading && reading.writer ? [{ bucket: reading.bucket, writer: reading.writer }] : [],
  );
  const own = Math.max(
    epoch,
    ...records.filter(({ writer }) => writer.site === site).map(({ writer }) => writer.epoch),
  );
  const successors = records.filter(({ writer }) => writer.site !== site && writer.epoch > own);
  const newest = newestRecord(successors.map(({ writer }) => writer));
  return successors.find(({ writer }) => writer === newest);
}

export interface GuardCheck extends Details {
  /** The site was in service and was fenced by this check. */
  stoodDown: boolean;
  /** Why the records exclude it from service; undefined: nothing supersedes it. */
  reason: string | undefined;
  refused: string[];
  unreachable: string[];
}

/** Compares the site's state with both records, and fences it if superseded. */
export async function guardOnce(
  site: Writer["site"],
  stores: readonly GuardedBucket[],
  server: Database,
): Promise<GuardCheck> {
  const [state, ...readings] = await Promise.all([readState(server), ...stores.map(readRecord)]);
  const successor = state && findSuccessor(site, state.epoch, readings);
  const reason = successor && reasonOf(successor);
  // Only if the state is unchanged: a concurrent promotion may just have made this site the writer.
  const stoodDown = reason !== undefined && state?.ready === true && (await fenceSite(server, state.epoch, reason));
  return {
    stoodDown,
    reason,
    refused: readings.flatMap((reading) => ("refused" in reading ? [reading.refused] : [])),
    unreachable: readings.flatMap((reading) =>
      "unreachable" in reading ? [`${reading.bucket} is unreachable: ${reading.unreachable}`] : [],
    ),
  };
}

const reasonOf = ({ writer: { site, since, epoch }, bucket }: { writer: Writer; bucket: string }): string =>
  `site ${site} has been the writer since ${since} (epoch ${epoch}, according to ${bucket})`;

export interface GuardFlags {
  /** Check once and return the result. */
  once: boolean;
  /** Do not guard; return the site to service on an operator's decision. */
  resume: boolean;
}

export async function runWriterGuard(settings: GuardSettings, flags: GuardFlags, context: JobContext): Promise<Result> {
  const limit = { timeoutSeconds: settings.RECORD_TIMEOUT_SECONDS, signal: context.signal };
  const open = (bucket: string, region: string): PointStore =>
    new S3PointStore({ bucket, region, ...limit, userAgent: writerGuardAgent });
  const stores = [
    open(settings.BUCKET, settings.BUCKET_REGION),
    open(settings.OTHER_BUCKET, settings.OTHER_BUCKET_REGION),
  ];
  const server = openServer(settings.DATABASE_URL, settings, context);
  const limits = {
    seconds: settings.RECORD_TIMEOUT_SECONDS + settings.DATABASE_TIMEOUT_SECONDS,
    signal: context.signal,
  };
  const check = (): Promise<GuardCheck> =>
    inTime("compare the writer records", limits, () => guardOnce(settings.SITE, stores, server));
  try {
    if (flags.resume) return await (await import("./resume-writer.ts")).resumeWriter(settings.SITE, stores, server);
    if (flags.once) return succeeded(await check());
    const report = new Report(settings, context);
    let looks = 0;
    while (!context.signal.aborted) {
      await check().then(
        (seen) => report.of(seen),
        (error: unknown) => report.line(messageOf(error)),
      );
      looks++;
      await sleep(settings.GUARD_INTERVAL_SECONDS * 1000, undefined, { signal: context.signal }).catch(() => undefined);
    }
    return succeeded({ looks });
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** Publication interval in seconds while a record is refused. */
const publishSeconds = 60;

/** Logs changes only; keeps publishing the metric while any record is refused. */
class Report {
  readonly #settings: GuardSettings;
  readonly #context: JobContext;
  #last = "";
  /** Differs from any count at first: an alarm may still be active from a previous run. */
  #published = { count: Number.NaN, at: Number.NEGATIVE_INFINITY };

  constructor(settings: GuardSettings, context: JobContext) {
    this.#settings = settings;
    this.#context = context;
  }

  of({ stoodDown, reason, refused, unreachable }: GuardCheck): void {
    if (stoodDown) this.#context.log(`this site was fenced: ${reason}`);
    this.line([...(reason === undefined ? [] : [reason]), ...refused, ...unreachable].join("; "));
    // Not awaited: a slow metric must not delay the next check.
    void this.#publish(refused.length);
  }

  line(text: string): void {
    if (text !== this.#last) this.#context.log(text || "nothing supersedes this site");
    this.#last = text;
  }

  async #publish(count: number): Promise<void> {
    const { count: before, at } = this.#published;
    const due = count !== before || (count > 0 && performance.now() - at > publishSeconds * 1000);
    if (!due) return;
    this.#published = { count, at: performance.now() };
    await publish(this.#settings, metrics.refusedRecoveryPoints, count, "Count", this.#context);
  }
}
