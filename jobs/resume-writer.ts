/**
 * Returns a site to service that its writer guard has fenced, after an operator has decided that it is the writer after
 * all: the other site's record was wrong. Run manually, never automatically.
 */
import type { Database } from "./database/client.ts";
import { readState, unfenceSite } from "./database/state.ts";
import { newestRecord } from "./points/epochs.ts";
import type { Writer } from "./points/writer.ts";
import { readRecord, type GuardedBucket } from "./read-record.ts";
import { JobFailure, succeeded, type Result } from "./result.ts";

/**
 * Requires that the database is as the guard left it, and that the newest record of both buckets names this site in a
 * newer epoch.
 */
export async function resumeWriter(
  site: Writer["site"],
  stores: readonly GuardedBucket[],
  server: Database,
): Promise<Result> {
  const [state, ...readings] = await Promise.all([readState(server), ...stores.map(readRecord)]);
  const refuse = (reason: string): never => {
    throw new JobFailure(`the site was not returned to service: ${reason}`);
  };
  if (!state) return refuse("the database has no site state");
  const records = readings.map((reading) => {
    if ("writer" in reading) return reading.writer;
    return refuse("refused" in reading ? reading.refused : `${reading.bucket} is unreachable: ${reading.unreachable}`);
  });
  const newest = newestRecord(records);
  if (newest?.site !== site || newest.epoch <= state.epoch) {
    const named = newest ? `${newest.site} in epoch ${newest.epoch}` : "nobody";
    const remedy = "repair the record first, with an epoch above all others";
    return refuse(`the newest writer record names ${named}, the site's own epoch is ${state.epoch}; ${remedy}`);
  }
  const { epoch } = newest;
  if (!(await unfenceSite(server, state, epoch))) {
    return refuse("it was not fenced by its guard, or its database has been replaced since; promote it instead");
  }
  return succeeded({ epoch, database: state.database });
}
