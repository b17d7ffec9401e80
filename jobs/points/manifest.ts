/**
 * What a recovery point says about itself. It is written last, so a point
 * without a manifest does not exist; a reader believes nothing else.
 */
import * as z from "zod";
import { mostNumbersPerSecond } from "../database/sequences.ts";

export const formatVersion = 1;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const slot = z.string().regex(/^\d{8}T\d{6}Z$/);
const versionstamp = z.string().regex(/^\d+$/);
const time = z.iso.datetime();
const safeInteger = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const count = z.number().int().min(0);

const part = z.object({
  /** Key in the bucket of the manifest. */
  key: z.string().min(1),
  /** SHA-256 of the object as stored. */
  sha256: digest,
  /** Size as stored, in bytes. */
  bytes: count,
  compression: z.literal("zstd"),
  /** SHA-256 and size of what comes out of the compression. */
  contentSha256: digest,
  contentBytes: count,
});

/**
 * The export looks wrong, although it is what the database held: a large share of a table's rows went missing at once.
 * The point is kept. The standby does not follow it before somebody has decided.
 */
const suspicious = z.object({
  /** `<kind> <slot>` of the first marked point of an unbroken series; a decision about it covers the series. */
  since: z.string().regex(/^(?:full|changes) \d{8}T\d{6}Z$/),
  /** What looks wrong, and compared with which point. */
  reasons: z.array(z.string()).min(1),
});

const shared = {
  format: z.literal(formatVersion),
  slot,
  /** Every write that was acknowledged before this moment of the database's clock is in the point. */
  snapshotAt: time,
  finishedAt: time,
  database: z.object({ namespace: z.string(), name: z.string(), version: z.string() }),
  writer: z.object({ site: z.enum(["primary", "alternate"]), epoch: count }),
  parts: z.array(part),
  /** Tables whose changes between two full exports are in no point. */
  tablesWithoutFeed: z.array(z.string()),
  /** Next value of each sequence when the point was made, how many a server takes at once, and how many were taken. */
  sequences: z.record(
    z.string(),
    z.object({
      value: safeInteger,
      batch: safeInteger.min(1),
      perSecond: z.number().min(0).max(mostNumbersPerSecond).optional(),
    }),
  ),
  /** How the bucket encrypts the parts. */
  encryption: z.object({ algorithm: z.string(), keyId: z.string().optional() }),
  /** Missing: nothing looked wrong, or the point was written before exports looked. */
  suspicious: suspicious.optional(),
};

export const fullManifest = z.object({
  ...shared,
  kind: z.literal("full"),
  parent: z.null(),
  /** Position in the changefeed from which changes complete this point. */
  feedPosition: versionstamp,
  /** Sum of all tables' rows. */
  rows: count,
  tables: z.record(z.string(), z.object({ rows: count, digest, feed: z.boolean(), view: z.boolean() })),
  definitions: z.object({
    /** Over everything that the database tells about its definitions; a change export compares it. */
    digest,
    /** Per section of the export. */
    sections: z.record(z.string(), digest),
    /** Statements for what an export leaves out. */
    leftOut: z.array(z.string()),
  }),
  /** Accesses: their keys are not in the export and must come from the secret store. */
  accesses: z.array(z.string()),
  /** Those of them that need a key. Missing in older points. */
  keyedAccesses: z.array(z.string()).optional(),
});

export const changesManifest = z.object({
  ...shared,
  kind: z.literal("changes"),
  /** The full export that this continues. */
  full: slot,
  /** The point directly before. */
  parent: z.object({ kind: z.enum(["full", "changes"]), slot }),
  fromVersionstamp: versionstamp,
  toVersionstamp: versionstamp,
  definitionsDigest: digest,
  /** The same without the numbers at which sequences start: what a restored database has. Missing in older points. */
  restoredDefinitionsDigest: digest.optional(),
  changesets: count,
  changes: count,
  tables: z.record(
    z.string(),
    z.object({
      changes: count,
      /** Records that the changes touched, and how many of those are gone at the end. */
      touched: count,
      deleted: count,
      /** SHA-256 over the touched records in order, each with the digest of its last state. */
      finalStateDigest: digest,
    }),
  ),
  /** Rows of every table when the changes were read. Missing in points from before they were counted. */
  rowCounts: z.record(z.string(), count).optional(),
});

export const manifest = z.discriminatedUnion("kind", [fullManifest, changesManifest]);

export type Suspicion = z.infer<typeof suspicious>;
export type Part = z.infer<typeof part>;
export type FullManifest = z.infer<typeof fullManifest>;
export type ChangesManifest = z.infer<typeof changesManifest>;
export type Manifest = z.infer<typeof manifest>;

/** A manifest that cannot be believed. */
export class ManifestError extends Error {}

export function parseManifest(key: string, text: string): Manifest {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ManifestError(`${key} is not JSON: ${(error as Error).message}`);
  }
  const parsed = manifest.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new ManifestError(`${key} is not a manifest of format ${formatVersion}: ${problems.join("; ")}`);
}
