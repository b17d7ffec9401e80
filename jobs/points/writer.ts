/**
 * The writer record: the site that writes, since when, in which epoch. It fences every other site, so it is parsed
 * strictly, changed only by conditional writes, and its epoch never decreases.
 */
import * as z from "zod";
import { bucketKeys, type SiteName } from "../../contract/index.ts";
import { clockToleranceSeconds, isFuture } from "./clock.ts";
import { epochLimit } from "./epochs.ts";
import { ConditionFailed, timeAt, type Condition, type ConditionalObjects } from "./objects.ts";

const writerRecord = z.object({
  site: z.enum(["primary", "alternate"]),
  /** Incremented by each promotion: of two writers, the one with the lower epoch is stale. */
  epoch: z.number().int().positive().lt(epochLimit),
  since: z.iso.datetime(),
});

export type Writer = z.infer<typeof writerRecord>;

/** A record, and its ETag for a conditional write. */
export interface VersionedWriter {
  writer: Writer;
  etag: string;
}

/** The record exists but is invalid, which is never treated as missing. */
export class WriterRecordError extends Error {
  /** ETag of the invalid record, for replacing it; undefined where only its text was available. */
  readonly etag: string | undefined;

  constructor(bucket: string, problem: string, etag?: string) {
    const remedy = "repair it with `continuity writer set`";
    super(`${bucket}/${bucketKeys.writer} is not a valid writer record: ${problem}; ${remedy}`);
    this.etag = etag;
  }
}

const problemsOf = ({ issues }: z.ZodError): string =>
  issues.map((issue) => `${issue.path.join(".") || "content"}: ${issue.message}`).join("; ");

/** @throws WriterRecordError with bucket, key and all problems */
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
    `since: ${since} is in the future (local time is ${new Date(now).toISOString()}, ${rule})`,
    etag,
  );
}

/**
 * Reads the record of a bucket; undefined: there is none.
 * @throws WriterRecordError for an invalid record; the client's error for an unreachable bucket
 */
export async function readWriter(
  store: Pick<ConditionalObjects, "bucket" | "read" | "now">,
): Promise<VersionedWriter | undefined> {
  const stored = await store.read(bucketKeys.writer);
  if (!stored) return undefined;
  return { writer: parseWriter(stored.text, store.bucket, stored.etag, timeAt(store)), etag: stored.etag };
}

const isSame = (a: Writer, b: Writer): boolean => a.site === b.site && a.epoch === b.epoch && a.since === b.since;

/**
 * Replaces the record that was read (undefined: there was none) if it is unchanged since. Writing an identical record
 * changes nothing.
 * @throws ConditionFailed if another writer changed it first; Error for an epoch that does not increase
 */
export async function writeWriter(
  store: ConditionalObjects,
  next: Writer,
  seen: VersionedWriter | undefined,
): Promise<VersionedWriter> {
  if (seen && isSame(seen.writer, next)) return seen;
  if (seen && next.epoch <= seen.writer.epoch) {
    const { site, epoch } = seen.writer;
    throw new Error(
      `${store.bucket}: epoch ${next.epoch} is not above epoch ${epoch} of writer ${site}; choose a higher one`,
    );
  }
  return replaceWriter(store, next, seen ? { ifMatch: seen.etag } : { ifNoneMatch: "*" });
}

/** Writes a record under any condition, also in place of an invalid one. */
export async function replaceWriter(
  store: ConditionalObjects,
  next: Writer,
  condition: Condition,
): Promise<VersionedWriter> {
  const { data: writer, error: problem } = writerRecord.safeParse(next);
  if (!writer) {
    const remedy = "repair the record with `continuity writer set`";
    throw new Error(
      `${store.bucket}: ${next.site} in epoch ${next.epoch} is not a valid writer record: ${problemsOf(problem)}; ${remedy}`,
    );
  }
  try {
    return { writer, etag: await store.writeIf(bucketKeys.writer, writer, condition) };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // The SDK retries a call whose response was lost, so the conflicting record may be this very one.
    const present = await readWriter(store);
    if (present && isSame(present.writer, writer)) return present;
    throw error;
  }
}

/** Relation of the writer record to a site and its database's epoch. */
export type Standing =
  /** No record. */
  | "unclaimed"
  /** The site is the writer, in the database's own epoch. */
  | "writer"
  /** The site is the writer in a later epoch than the database's: the promotion is not complete. */
  | "ahead"
  /** Another site took over in a later epoch. */
  | "superseded"
  /** Another site claims the database's epoch: one of the two is wrong. */
  | "contradicted"
  /** The record's epoch is below the database's: forged, or a late replica. It revokes nothing. */
  | "stale";

export function standingOf(writer: Writer | undefined, site: SiteName, epoch: number): Standing {
  if (!writer) return "unclaimed";
  if (writer.epoch < epoch) return "stale";
  if (writer.site === site) return writer.epoch === epoch ? "writer" : "ahead";
  return writer.epoch === epoch ? "contradicted" : "superseded";
}
