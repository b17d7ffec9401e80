/** Evidence: what was restored and verified, when, by whom. Written into a locked prefix, read by people and by programs. */
import * as z from "zod";
import { bucketKeys } from "../contract/index.ts";
import { slotOf } from "./points/slot.ts";

const slot = z.string().regex(/^\d{8}T\d{6}Z$/, "must be a slot such as 20261123T100000Z");
const count = z.number().int().min(0);

const evidence = z.object({
  /** Which job found this out. */
  by: z.enum(["standby-sync", "restore-verify"]),
  /** Site of the database, or of the scratch database, into which the point was restored. */
  site: z.enum(["primary", "alternate"]),
  kind: z.enum(["full", "changes"]),
  slot,
  /** The full export that the point builds on. */
  full: slot,
  /** Of the site that wrote the point; missing in evidence from before it was noted. */
  epoch: count.optional(),
  snapshotAt: z.iso.datetime(),
  verifiedAt: z.iso.datetime(),
  /** Whether everything was as the manifest says. */
  verified: z.boolean(),
  /** What was not. */
  differences: z.array(z.string()),
  rows: count,
  tables: z.record(z.string(), z.object({ rows: count })),
  /** How long each step took. */
  seconds: z.record(z.string(), z.number().min(0)),
  /** Bucket from which the point was read. */
  bucket: z.string().min(1),
  /** The point, or one that it builds on, looked wrong when it was exported: see the manifest. */
  suspicious: z.object({ since: z.string().min(1), reasons: z.array(z.string()) }).optional(),
});

export type Evidence = z.infer<typeof evidence>;

/** Evidence that cannot be read: it proves nothing. */
export class EvidenceError extends Error {}

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
