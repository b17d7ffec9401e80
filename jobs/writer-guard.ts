/**
 * Watches the writer record in both regions' buckets, and takes this site out
 * of service as soon as one of them names another site in a newer epoch. Never
 * puts it back by itself: that is a promotion's work, or a person's decision.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { metrics, writerGuardAgent } from "../contract/index.ts";
import { openServer } from "./database/open-server.ts";
import type { Database } from "./database/client.ts";
import { readState, standDown } from "./database/state.ts";
import { inTime } from "./in-time.ts";
import { publish } from "./metrics.ts";
import { PointStore } from "./points/store.ts";
import type { Writer } from "./points/writer.ts";
import { readRecord, type GuardedBucket, type Reading } from "./read-record.ts";
import { messageOf, succeeded, type Details, type JobContext, type Result } from "./result.ts";
import type { Settings } from "./settings.ts";

type GuardSettings = Settings<"writer-guard">;

/**
 * The newest record that supersedes a site in that epoch; undefined: the site
 * may go on. A bucket that does not answer is no reason to stop, nor is a record
 * of the site's own, or another site's in an epoch that is not above all of its
 * own: a record that one bucket has not received yet is no successor.
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
  return records
    .filter(({ writer }) => writer.site !== site && writer.epoch > own)
    .toSorted((a, b) => b.writer.epoch - a.writer.epoch)[0];
}

export interface Look extends Details {
  /** The site was in service and was taken out of it by this look. */
  stoodDown: boolean;
  /** Why it is out of service by what the records say; undefined: nothing supersedes it. */
  reason: string | undefined;
  refused: string[];
  unreachable: string[];
}

/** Compares the site's own state with both records, and acts. */
export async function guardOnce(
  site: Writer["site"],
  stores: readonly GuardedBucket[],
  server: Database,
): Promise<Look> {
  const [state, ...readings] = await Promise.all([readState(server), ...stores.map(readRecord)]);
  const successor = state && findSuccessor(site, state.epoch, readings);
  const reason = successor && reasonOf(successor);
  // Only where the state is still what was compared: a promotion may just have made this site the writer.
  const stoodDown = reason !== undefined && state?.ready === true && (await standDown(server, state.epoch, reason));
  return {
    stoodDown,
    reason,
    refused: readings.flatMap((reading) => ("refused" in reading ? [reading.refused] : [])),
    unreachable: readings.flatMap((reading) =>
      "unreachable" in reading ? [`${reading.bucket} does not answer: ${reading.unreachable}`] : [],
    ),
  };
}

const reasonOf = ({ writer: { site, since, epoch }, bucket }: { writer: Writer; bucket: string }): string =>
  `site ${site} has been the writer since ${since} (epoch ${epoch}, by ${bucket})`;

export interface GuardFlags {
  /** One look, and its result. */
  once: boolean;
  /** No guard at all: a person's decision to put the site back into service. */
  resume: boolean;
}

export async function runWriterGuard(settings: GuardSettings, flags: GuardFlags, context: JobContext): Promise<Result> {
  const limit = { timeoutSeconds: settings.RECORD_TIMEOUT_SECONDS, signal: context.signal };
  const open = (bucket: string, region: string): PointStore =>
    new PointStore({ bucket, region, ...limit, userAgent: writerGuardAgent });
  const stores = [
    open(settings.BUCKET, settings.BUCKET_REGION),
    open(settings.OTHER_BUCKET, settings.OTHER_BUCKET_REGION),
  ];
  const server = openServer(settings.DATABASE_URL, settings, context);
  const limits = {
    seconds: settings.RECORD_TIMEOUT_SECONDS + settings.DATABASE_TIMEOUT_SECONDS,
    signal: context.signal,
  };
  const look = (): Promise<Look> =>
    inTime("comparing the writer records", limits, () => guardOnce(settings.SITE, stores, server));
  try {
    if (flags.resume) return await (await import("./resume-writer.ts")).resumeWriter(settings.SITE, stores, server);
    if (flags.once) return succeeded(await look());
    const report = new Report(settings, context);
    let looks = 0;
    while (!context.signal.aborted) {
      await look().then(
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

/** Seconds between two publications while a record is refused. */
const publishSeconds = 60;

/** Logs what changed, not every look; keeps the metric of refused records up while there are any. */
class Report {
  readonly #settings: GuardSettings;
  readonly #context: JobContext;
  #last = "";
  /** At first unlike any count: what a run before this one published may still hold an alarm. */
  #published = { count: Number.NaN, at: Number.NEGATIVE_INFINITY };

  constructor(settings: GuardSettings, context: JobContext) {
    this.#settings = settings;
    this.#context = context;
  }

  of({ stoodDown, reason, refused, unreachable }: Look): void {
    if (stoodDown) this.#context.log(`this site serves no more: ${reason}`);
    this.line([...(reason === undefined ? [] : [reason]), ...refused, ...unreachable].join("; "));
    // Not awaited: the next look may not wait for a metric.
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
