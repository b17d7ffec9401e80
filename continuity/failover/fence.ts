/** Fences a live site before another one takes over. */
import {
  firstEpoch,
  highestEpoch,
  newestRecord,
  objectsIn,
  readWriter,
  timeAt,
  writeWriter,
  type ConditionalObjects,
  type VersionedWriter,
  type Writer,
} from "../../jobs/index.ts";
import {
  otherSite,
  recoveryPointBucket,
  regionOf,
  writesStopWithinSeconds,
  type SiteName,
} from "../../contract/index.ts";
import { S3Client } from "@aws-sdk/client-s3";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../cannot-run.ts";
import type { PhaseProgress } from "../progress.ts";
import type { ProbeHeaders } from "../probe-credential.ts";
import { answerSeconds } from "../site-probe.ts";
import type { FailoverContext } from "./context.ts";
import { askOtherSite, namesServedBy, type NamesReport } from "./site-names.ts";

export interface FenceReport {
  /** The record that names this site the writer; undefined: no bucket accepted it. */
  writer: Writer | undefined;
  /** Buckets with the record. */
  buckets: string[];
  /** Stack whose role was set to isolated and which still has to be updated. */
  isolatedStack: string | undefined;
  /** Time since which the other site has not served, in milliseconds since 1970; undefined: it still serves. */
  stoppedAt: number | undefined;
  /** Steps that failed. None of them prevents the failover. */
  problems: string[];
}

export interface FenceOptions {
  /** Opens the bucket of a site. @default the real one, with a client of its region */
  objects?: (site: SiteName) => ConditionalObjects;
  /** Seconds to wait for the other site to stop. @default 1.5 times what its guard and services may take */
  waitSeconds?: number;
  /** Seconds without service that count as stopped: its pods do not stop simultaneously. @default 3 */
  quietSeconds?: number;
  /** Seconds between two looks at the other site. @default 0.5 */
  pauseSeconds?: number;
}

const bucketSeconds = 5;
const probePauseSeconds = 0.5;

/** Writes record and role concurrently, then waits for their effect. Each part may fail; never throws. */
export async function fenceOtherSite(
  context: FailoverContext,
  names: NamesReport,
  phase: Pick<PhaseProgress, "awaiting">,
  options: FenceOptions = {},
): Promise<FenceReport> {
  const { settings } = context;
  const report: FenceReport = {
    writer: undefined,
    buckets: [],
    isolatedStack: undefined,
    stoppedAt: undefined,
    problems: [],
  };
  const clients: S3Client[] = [];
  const open = (site: SiteName): ConditionalObjects => {
    // The second attempt covers a clock so wrong that S3 rejects the first; it uses S3's clock.
    const client = new S3Client({ region: regionOf(settings.topology, site), maxAttempts: 2, ...context.aws });
    clients.push(client);
    return objectsIn(client, recoveryPointBucket(settings.topology, site), bucketSeconds);
  };
  try {
    phase.awaiting(`writer record and role of the ${otherSite(settings.site)} site`);
    const both = (["primary", "alternate"] as const).map(options.objects ?? open);
    await Promise.all([claim(settings.site, both, names, report), isolate(context, report)]);
    const mayServe = names.other.answers || names.other.unclear || names.otherServes;
    if (report.writer && mayServe) await awaitStop(context, phase, names.headers, report, options);
    else if (names.otherServes || names.other.unclear)
      report.problems.push(`the ${otherSite(settings.site)} site could not be fenced`);
    return report;
  } finally {
    for (const client of clients) client.destroy();
  }
}

type Seen = { objects: ConditionalObjects; seen: VersionedWriter | undefined };

/** Writes this site's record to both buckets, in an epoch above all known ones. */
async function claim(
  site: SiteName,
  both: readonly ConditionalObjects[],
  { other }: NamesReport,
  report: FenceReport,
): Promise<void> {
  const attempt = async <T>(objects: ConditionalObjects, work: () => Promise<T>): Promise<T[]> => {
    try {
      return [await work()];
    } catch (error) {
      report.problems.push(`writer record in ${objects.bucket}: ${messageOf(error)}`);
      return [];
    }
  };
  const read = (objects: ConditionalObjects): Promise<Seen[]> =>
    attempt(objects, async () => ({ objects, seen: await readWriter(objects) }));
  const found = (await Promise.all(both.map(read))).flat();
  const next = nextWriter(
    site,
    found.flatMap(({ seen }) => seen?.writer ?? []),
    other.epoch ?? firstEpoch,
    found.map(({ objects }) => timeAt(objects))[0],
  );
  const written = await Promise.all(
    found.map(({ objects, seen }) =>
      attempt(objects, async () => {
        await writeWriter(objects, next, seen);
        return objects.bucket;
      }),
    ),
  );
  report.buckets = written.flat();
  if (report.buckets.length > 0) report.writer = next;
}

/**
 * Returns the newest record if it already names this site, e.g. after an interrupted failover; otherwise a new one in
 * the next epoch.
 * @param now time by the clock of S3: a record from the future is refused, and a backdated one invalidates good
 *   recovery points
 */
export function nextWriter(
  site: SiteName,
  known: readonly Writer[],
  otherEpoch: number,
  now: number = Date.now(),
): Writer {
  const newest = newestRecord(known);
  if (newest?.site === site && newest.epoch > otherEpoch) return newest;
  return {
    site,
    epoch: Math.max(newest?.epoch ?? 0, highestEpoch([otherEpoch])) + 1,
    since: new Date(now).toISOString(),
  };
}

/** Otherwise that stack's next update would restart its exports and services. */
async function isolate({ settings, otherStack }: FailoverContext, report: FenceReport): Promise<void> {
  if (!otherStack) {
    const where = "the project directory does not identify its stack";
    report.problems.push(`the role of the ${otherSite(settings.site)} site was not set to isolated: ${where}`);
    return;
  }
  try {
    await otherStack.isolate();
    report.isolatedStack = otherStack.name;
  } catch (error) {
    report.problems.push(`the role of stack ${otherStack.name} was not set to isolated: ${messageOf(error)}`);
  }
}

/** A site whose state is unclear may still serve: wait as long as its guard takes to stop it. */
async function awaitStop(
  context: FailoverContext,
  phase: Pick<PhaseProgress, "awaiting">,
  headers: ProbeHeaders,
  report: FenceReport,
  { waitSeconds = writesStopWithinSeconds * 1.5, quietSeconds = 3, pauseSeconds = probePauseSeconds }: FenceOptions,
): Promise<void> {
  const other = otherSite(context.settings.site);
  const end = Date.now() + waitSeconds * 1000;
  phase.awaiting(`the ${other} site to stop serving`);
  let quietSince: number | undefined;
  let unclear: string | undefined;
  while (Date.now() < end) {
    const limit = Math.min(answerSeconds, Math.max(1, (end - Date.now()) / 1000));
    const names = await askOtherSite(context, headers, limit);
    const serves = namesServedBy(other, names).length > 0;
    unclear = !serves && names.other.unclear ? names.other.facts : undefined;
    quietSince = serves || unclear !== undefined ? undefined : (quietSince ?? Date.now());
    if (quietSince !== undefined && Date.now() - quietSince >= quietSeconds * 1000) {
      report.stoppedAt = quietSince;
      return;
    }
    await delay(pauseSeconds * 1000);
  }
  report.problems.push(
    unclear === undefined
      ? `the ${other} site still serves users after ${waitSeconds} s: its writes are lost until it is stopped`
      : `it is unclear after ${waitSeconds} s whether the ${other} site has stopped: ${unclear}; check it`,
  );
}

export const describeFence = ({ writer, stoppedAt }: FenceReport): string =>
  [
    writer ? `epoch ${writer.epoch}` : "no record written",
    ...(stoppedAt === undefined ? [] : [`stopped at ${new Date(stoppedAt).toISOString()}`]),
  ].join(", ");

/** Manual steps for the other site after the failover. */
export function afterwards(fence: FenceReport | undefined, site: SiteName): string {
  const other = otherSite(site);
  const isolated = fence?.isolatedStack;
  const next =
    isolated === undefined
      ? `Set the role of the ${other} site's stack to isolated and update it first, as soon as its region is reachable.`
      : `As soon as its region is reachable, run pulumi up --stack ${isolated} (its configured role is isolated).`;
  const guard = `Its services stop within ${writesStopWithinSeconds} s of reading the new writer record and are not restarted.`;
  if (!fence) return `${next} ${guard}`;
  const { stoppedAt } = fence;
  const stopped =
    stoppedAt === undefined ? "has not been confirmed to stop" : `stopped at ${new Date(stoppedAt).toISOString()}`;
  return `The ${other} site ${stopped}. ${next}`;
}
