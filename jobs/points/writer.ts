/**
 * The writer record: which site's exports count, since when, in which epoch.
 * It fences every other site, so it is read strictly and changed by condition
 * only, and its epoch never falls.
 */
import * as z from "zod";
import { bucketKeys, type SiteName } from "../../contract/index.ts";
import { clockToleranceSeconds, isFuture } from "./clock.ts";
import { ConditionFailed, timeAt, type Condition, type ConditionalObjects } from "./objects.ts";

/** No site is promoted that often: a record that reaches it is a mistake or forged, and is obeyed by nobody. */
export const epochLimit = 1_000_000_000;

/** Whether new epochs are counted from it: only where it leaves room for one more, or nothing could follow it ever again. */
export const isCredibleEpoch = (epoch: number): boolean =>
  Number.isInteger(epoch) && epoch >= 0 && epoch < epochLimit - 1;

const writerRecord = z.object({
  site: z.enum(["primary", "alternate"]),
  /** Rises with each promotion: of two writers, the one with the lower epoch is the stale one. */
  epoch: z.number().int().positive().lt(epochLimit),
  since: z.iso.datetime(),
});

export type Writer = z.infer<typeof writerRecord>;

/** A record with the ETag that a change of it must name. */
export interface SeenWriter {
  writer: Writer;
  etag: string;
}

/** There is a record, but it cannot be read: that is never the same as none. */
export class WriterRecordError extends Error {
  /** ETag of the unreadable record, for whoever replaces it; undefined where only its text was at hand. */
  readonly etag: string | undefined;

  constructor(bucket: string, problem: string, etag?: string) {
    const remedy = "mend it with `continuity writer set`";
    super(`${bucket}/${bucketKeys.writer} is no writer record: ${problem}; ${remedy}`);
    this.etag = etag;
  }
}

const problemsOf = ({ issues }: z.ZodError): string =>
  issues.map((issue) => `${issue.path.join(".") || "content"}: ${issue.message}`).join("; ");

/** @throws WriterRecordError that names bucket, key and everything that is wrong */
export function parseWriter(text: string, bucket: string, etag?: string, now: number = Date.now()): Writer {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new WriterRecordError(bucket, `it is not JSON (${(error as Error).message})`, etag);
  }
  const parsed = writerRecord.safeParse(content);
  if (!parsed.success) {
    throw new WriterRecordError(bucket, problemsOf(parsed.error), etag);
  }
  const { since } = parsed.data;
  if (!isFuture(since, now)) return parsed.data;
  const rule = `clocks may differ by ${clockToleranceSeconds} s`;
  throw new WriterRecordError(
    bucket,
    `since: ${since} is in the future (here it is ${new Date(now).toISOString()}, ${rule})`,
    etag,
  );
}

/**
 * The record of a bucket; undefined: there is none.
 * @throws WriterRecordError for a record that cannot be read; whatever the client throws for a bucket that does not answer
 */
export async function readWriter(
  store: Pick<ConditionalObjects, "bucket" | "read" | "now">,
): Promise<SeenWriter | undefined> {
  const stored = await store.read(bucketKeys.writer);
  if (!stored) return undefined;
  return { writer: parseWriter(stored.text, store.bucket, stored.etag, timeAt(store)), etag: stored.etag };
}

const isSame = (a: Writer, b: Writer): boolean => a.site === b.site && a.epoch === b.epoch && a.since === b.since;

/**
 * Writes a record in place of the one that was seen (undefined: there was none), if that is still what is there.
 * Writing what is there already changes nothing.
 * @throws ConditionFailed when another writer was faster; Error for an epoch that does not rise
 */
export async function writeWriter(
  store: ConditionalObjects,
  next: Writer,
  seen: SeenWriter | undefined,
): Promise<SeenWriter> {
  if (seen && isSame(seen.writer, next)) return seen;
  if (seen && next.epoch <= seen.writer.epoch) {
    const { site, epoch } = seen.writer;
    throw new Error(`${store.bucket}: epoch ${next.epoch} is not above ${epoch}, which ${site} writes in; choose more`);
  }
  return replaceWriter(store, next, seen ? { ifMatch: seen.etag } : { ifNoneMatch: "*" });
}

/** Writes a record whatever the condition stands for, also in place of one that cannot be read. */
export async function replaceWriter(
  store: ConditionalObjects,
  next: Writer,
  condition: Condition,
): Promise<SeenWriter> {
  const { data: writer, error: problem } = writerRecord.safeParse(next);
  if (!writer) {
    const remedy = "mend the record with `continuity writer set`";
    throw new Error(
      `${store.bucket}: ${next.site} in epoch ${next.epoch} is no writer: ${problemsOf(problem)}; ${remedy}`,
    );
  }
  try {
    return { writer, etag: await store.writeIf(bucketKeys.writer, writer, condition) };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // A client repeats a call whose answer was lost: then the record that refuses it may be the own one.
    const present = await readWriter(store);
    if (present && isSame(present.writer, writer)) return present;
    throw error;
  }
}

/** How a record stands to a site whose database is in some epoch. */
export type Standing =
  /** There is no record. */
  | "unclaimed"
  /** The site is the writer, in the database's own epoch. */
  | "writer"
  /** The site is the writer in a later epoch than the database's: it still has to be promoted to it. */
  | "ahead"
  /** Another site took over in a later epoch. */
  | "superseded"
  /** Another site claims the database's own epoch: one of the two is wrong. */
  | "contradicted"
  /** The record is of an earlier epoch than the database: forged, or a late copy. It takes nothing away. */
  | "stale";

export function standingOf(writer: Writer | undefined, site: SiteName, epoch: number): Standing {
  if (!writer) return "unclaimed";
  if (writer.epoch < epoch) return "stale";
  if (writer.site === site) return writer.epoch === epoch ? "writer" : "ahead";
  return writer.epoch === epoch ? "contradicted" : "superseded";
}
