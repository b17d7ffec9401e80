/**
 * Evidence of a restore: what was restored and verified, when, and by which job. Stored under a locked prefix; read by
 * people and programs.
 */
import * as z from "zod";
import { bucketKeys } from "../contract/index.ts";
import { slotOf } from "./points/slot.ts";

const slot = z.string().regex(/^\d{8}T\d{6}Z$/, "must be a slot such as 20261123T100000Z");
const count = z.number().int().min(0);

const evidence = z.object({
  /** Job that produced the evidence. */
  by: z.enum(["standby-sync", "restore-verify"]),
  /** Site of the (scratch) database into which the recovery point was restored. */
  site: z.enum(["primary", "alternate"]),
  kind: z.enum(["full", "changes"]),
  slot,
  /** Full export on which the recovery point builds. */
  full: slot,
  /** Epoch of the recovery point; missing in older evidence. */
  epoch: count.optional(),
  snapshotAt: z.iso.datetime(),
  verifiedAt: z.iso.datetime(),
  /** Whether the restored data matched the manifest. */
  verified: z.boolean(),
  /** What did not match. */
  differences: z.array(z.string()),
  rows: count,
  tables: z.record(z.string(), z.object({ rows: count })),
  /** Duration of each step. */
  seconds: z.record(z.string(), z.number().min(0)),
  /** Bucket from which the recovery point was read. */
  bucket: z.string().min(1),
  /** The recovery point, or one that it builds on, was marked as suspicious when exported; see the manifest. */
  suspicious: z.object({ since: z.string().min(1), reasons: z.array(z.string()) }).optional(),
});

export type Evidence = z.infer<typeof evidence>;

/** Unreadable evidence; it proves nothing. */
class EvidenceError extends Error {}

export function parseEvidence(text: string): Evidence {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new EvidenceError(`it is not JSON: ${(error as Error).message}`);
  }
  const parsed = evidence.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "content"}: ${issue.message}`);
  throw new EvidenceError(`it is malformed: ${problems.join("; ")}`);
}

export const restoreEvidenceKey = (time: Date): string => `${bucketKeys.restoreEvidencePrefix}${slotOf(time)}.json`;
