/**
 * Puts a site back into service that its writer guard took out of it, where
 * somebody has decided since that the site is the writer after all: the record
 * of the other site was wrong. A command for people; nothing runs it by itself.
 */
import type { Database } from "./database/client.ts";
import { readState, standUp } from "./database/state.ts";
import type { Writer } from "./points/writer.ts";
import { readRecord, type GuardedBucket } from "./read-record.ts";
import { JobFailure, succeeded, type Result } from "./result.ts";

/** The database is as the guard left it, and the newest record of both buckets names this site in a newer epoch. */
export async function resumeWriter(
  site: Writer["site"],
  stores: readonly GuardedBucket[],
  server: Database,
): Promise<Result> {
  const [state, ...readings] = await Promise.all([readState(server), ...stores.map(readRecord)]);
  const refuse = (reason: string): never => {
    throw new JobFailure(`the site was not put back into service: ${reason}`);
  };
  if (!state) return refuse("its database has no site state");
  const records = readings.map((reading) => {
    if ("writer" in reading) return reading.writer;
    return refuse("refused" in reading ? reading.refused : `${reading.bucket} does not answer: ${reading.unreachable}`);
  });
  const newest = records.flatMap((record) => record ?? []).toSorted((a, b) => b.epoch - a.epoch)[0];
  if (newest?.site !== site || newest.epoch <= state.epoch) {
    const named = newest ? `${newest.site} in epoch ${newest.epoch}` : "nobody";
    const remedy = "mend the record first, with an epoch above all others";
    return refuse(`the newest writer record names ${named}, the site's own epoch is ${state.epoch}; ${remedy}`);
  }
  const { epoch } = newest;
  if (!(await standUp(server, state, epoch))) {
    return refuse("its guard did not take it out of service, or its database was replaced since; promote it instead");
  }
  return succeeded({ epoch, database: state.database });
}
