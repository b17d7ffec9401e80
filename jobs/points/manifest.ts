/**
 * Manifest of a recovery point. It is written last: without a manifest, a recovery point does not exist. Readers trust
 * nothing else.
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
  /** Object key, in the same bucket as the manifest. */
  key: z.string().min(1),
  /** SHA-256 of the object as stored. */
  sha256: digest,
  /** Size as stored, in bytes. */
  bytes: count,
  compression: z.literal("zstd"),
  /** SHA-256 and size of the decompressed content. */
  contentSha256: digest,
  contentBytes: count,
});

/**
 * The export looks wrong although it matches the database: a large share of a table's rows disappeared at once. The
 * recovery point is kept, but the standby does not follow it until an operator has decided.
 */
const suspicious = z.object({
  /**
   * `<kind> <slot>` of the first recovery point of an unbroken suspicious series; a decision about it covers the
   * series.
   */
  since: z.string().regex(/^(?:full|changes) \d{8}T\d{6}Z$/),
  /** What looks wrong, and compared with which recovery point. */
  reasons: z.array(z.string()).min(1),
});

const shared = {
  format: z.literal(formatVersion),
  slot,
  /** Time of the database's clock; the recovery point contains every write acknowledged before it. */
  snapshotAt: time,
  finishedAt: time,
  database: z.object({ namespace: z.string(), name: z.string(), version: z.string() }),
  writer: z.object({ site: z.enum(["primary", "alternate"]), epoch: count }),
  parts: z.array(part),
  /** Tables without a changefeed: their changes between two full exports are in no recovery point. */
  tablesWithoutFeed: z.array(z.string()),
  /** Per sequence: next value at export time, numbers reserved by a server at once, and observed rate. */
  sequences: z.record(
    z.string(),
    z.object({
      value: safeInteger,
      batch: safeInteger.min(1),
      perSecond: z.number().min(0).max(mostNumbersPerSecond).optional(),
    }),
  ),
  /** Server-side encryption of the parts. */
  encryption: z.object({ algorithm: z.string(), keyId: z.string().optional() }),
  /** Missing: not suspicious, or exported before this was checked. */
  suspicious: suspicious.optional(),
};

const fullManifest = z.object({
  ...shared,
  kind: z.literal("full"),
  parent: z.null(),
  /** Changefeed position from which changes continue this recovery point. */
  feedPosition: versionstamp,
  /** Total rows of all tables. */
  rows: count,
  tables: z.record(z.string(), z.object({ rows: count, digest, feed: z.boolean(), view: z.boolean() })),
  definitions: z.object({
    /** Digest of all definitions; change exports compare it. */
    digest,
    /** Digest per section of the export. */
    sections: z.record(z.string(), digest),
    /** DEFINE statements of what the export omits. */
    leftOut: z.array(z.string()),
  }),
  /** Access names; their keys are not exported and come from the secret store. */
  accesses: z.array(z.string()),
  /** Accesses that need a key. Missing in older recovery points. */
  keyedAccesses: z.array(z.string()).optional(),
});

const changesManifest = z.object({
  ...shared,
  kind: z.literal("changes"),
  /** Full export on which the changes build. */
  full: slot,
  /** The preceding recovery point. */
  parent: z.object({ kind: z.enum(["full", "changes"]), slot }),
  fromVersionstamp: versionstamp,
  toVersionstamp: versionstamp,
  definitionsDigest: digest,
  /**
   * The same without the START values of sequences, for comparison with a restored database. Missing in older recovery
   * points.
   */
  restoredDefinitionsDigest: digest.optional(),
  changesets: count,
  changes: count,
  tables: z.record(
    z.string(),
    z.object({
      changes: count,
      /** Records that were changed, and how many of them are deleted at the end. */
      touched: count,
      deleted: count,
      /** SHA-256 over the changed records in order, each with the digest of its final state. */
      finalStateDigest: digest,
    }),
  ),
  /** Rows per table at export time. Missing in older recovery points. */
  rowCounts: z.record(z.string(), count).optional(),
});

const manifest = z.discriminatedUnion("kind", [fullManifest, changesManifest]);

export type Suspicion = z.infer<typeof suspicious>;
export type Part = z.infer<typeof part>;
export type FullManifest = z.infer<typeof fullManifest>;
export type ChangesManifest = z.infer<typeof changesManifest>;
export type Manifest = z.infer<typeof manifest>;

/** An invalid manifest. */
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
