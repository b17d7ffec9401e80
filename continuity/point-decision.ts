/** Decision about a suspicious recovery point, written once into the bucket in the stack's own region. */
import {
  ConditionFailed,
  decisionKey,
  manifestKey,
  parseManifest,
  readDecision,
  type ConditionalObjects,
  type Decision,
  type Manifest,
  type ReadableObjects,
} from "../jobs/index.ts";
import { CannotRun, messageOf } from "./cannot-run.ts";

export type Verdict = Decision["decision"];

export interface Marked {
  /** E.g. `full 20261123T100000Z`. */
  point: string;
  /** First recovery point of the series covered by the decision. */
  since: string;
  reasons: string[];
}

type Objects = Pick<ReadableObjects & ConditionalObjects, "bucket" | "read" | "writeIf">;

/** @throws CannotRun if the slot has no suspicious recovery point, or two that need separate decisions */
export async function findMarked(objects: Objects, slot: string, kind: string | undefined): Promise<Marked> {
  const kinds = (["full", "changes"] as const).filter((one) => kind === undefined || kind === one);
  const found: Manifest[] = [];
  for (const one of kinds) found.push(...(await readManifest(objects, one, slot)));
  const where = `${objects.bucket}: ${kind ?? "point"} ${slot}`;
  if (found.length === 0)
    throw new CannotRun(`${where} does not exist`, ["list recovery points with `continuity points list`"]);
  const marked = found.flatMap(({ kind: own, suspicious }) =>
    suspicious ? [{ point: `${own} ${slot}`, ...suspicious }] : [],
  );
  const [first, second] = marked;
  if (!first) throw new CannotRun(`${where} is not suspicious; no decision is needed`);
  if (!second || second.since === first.since) return first;
  throw new CannotRun(`${where}: both its full export and its changes are suspicious`, [
    "add --kind full or --kind changes",
  ]);
}

async function readManifest(objects: Objects, kind: Manifest["kind"], slot: string): Promise<Manifest[]> {
  const key = manifestKey(kind, slot);
  const stored = await objects.read(key);
  if (!stored) return [];
  try {
    return [parseManifest(key, stored.text)];
  } catch (error) {
    throw new CannotRun(`${objects.bucket}: a refused recovery point cannot be accepted or rejected`, [
      messageOf(error),
    ]);
  }
}

/** Returns the decision's key. @throws CannotRun if a decision exists */
export async function writeDecision(objects: Objects, { since }: Marked, decision: Decision): Promise<string> {
  const key = decisionKey(since);
  try {
    await objects.writeIf(key, decision, { ifNoneMatch: "*" });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const stored = await objects.read(key);
    const present = await readDecision({ read: async () => stored }, since).catch((reason: unknown) =>
      messageOf(reason),
    );
    // A malformed decision is replaced, since nothing else could repair it; the condition protects a concurrent one.
    if (typeof present === "string") return replaceMalformed(objects, key, decision, stored?.etag ?? "");
    // The SDK retries a call whose response was lost, so the existing decision may be this very one.
    if (present?.at === decision.at && present.by === decision.by) return key;
    const { decision: before, by, at, reason } = present ?? decision;
    throw new CannotRun(
      `the recovery points since ${since} have already been decided: ${before}, by ${by} at ${at} (${reason})`,
    );
  }
  return key;
}

async function replaceMalformed(objects: Objects, key: string, decision: Decision, etag: string): Promise<string> {
  try {
    await objects.writeIf(key, decision, { ifMatch: etag });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw new CannotRun(`${objects.bucket}/${key} was changed concurrently`, ["review it, then decide"]);
  }
  return key;
}
