/**
 * The restore test: restores the newest recovery point of a bucket into a scratch database, compares everything, and
 * writes evidence.
 */
import { metrics } from "../contract/index.ts";
import { restoreEvidenceKey, type Evidence } from "./evidence.ts";
import { publish } from "./metrics.ts";
import type { Catalogue } from "./points/catalogue.ts";
import { restorable } from "./points/decisions.ts";
import { readCatalogue } from "./points/read-catalogue.ts";
import { ContentFailures } from "./points/failures.ts";
import type { Refusal } from "./points/point.ts";
import { S3PointStore } from "./points/s3-store.ts";
import type { PointStore } from "./points/store.ts";
import { testPoint, type Tested } from "./restore/test-point.ts";
import { JobFailure, succeeded, type Details, type JobContext, type Result } from "./result.ts";
import type { Settings } from "./settings.ts";

type VerifySettings = Settings<"restore-verify">;

export async function runRestoreVerify(settings: VerifySettings, context: JobContext): Promise<Result> {
  const limits = { timeoutSeconds: settings.AWS_TIMEOUT_SECONDS, signal: context.signal };
  const store = new S3PointStore({ bucket: settings.BUCKET, region: settings.BUCKET_REGION, ...limits });
  const own = { bucket: settings.EVIDENCE_BUCKET, region: settings.EVIDENCE_BUCKET_REGION };
  const evidenceStore = new S3PointStore({ ...own, ...limits });
  try {
    const result = await testNewest({ store, evidenceStore, settings, context });
    await publish(settings, metrics.restoreVerified, 1, "Count", context);
    return succeeded(result);
  } catch (error) {
    // The job's signal may have aborted; that test has failed too and must be reported.
    const telling = { ...context, signal: new AbortController().signal };
    await publish(settings, metrics.restoreVerified, 0, "Count", telling);
    throw error;
  } finally {
    await Promise.all([store.close(), evidenceStore.close()]);
  }
}

interface TestArgs {
  store: PointStore;
  evidenceStore: PointStore;
  settings: VerifySettings;
  context: JobContext;
}

/** Number of full exports to try until one can be restored. */
const fullsTried = 3;

/**
 * Restores the newest recovery point, falling back to the newest good one, and writes evidence of each attempt; throws
 * with all findings if any attempt differed.
 */
export async function testNewest(args: TestArgs): Promise<Details> {
  const { store, context } = args;
  const failures = new ContentFailures();
  const bad: Refusal[] = [];
  let [tested, refused]: [Tested | undefined, Refusal[]] = [undefined, []];
  for (let tried = 0; tried < fullsTried && !tested?.evidence.verified; tried++) {
    const catalogue = await readCatalogue({ store, writer: await store.writer(), failures, signal: context.signal });
    if (tried === 0) refused = describeRefused(catalogue, context);
    const full = catalogue.fulls(restorable)[0];
    if (!full) break;
    tested = await testPoint(args, full, catalogue);
    bad.push(...tested.bad);
    await keepEvidence(args, tested.evidence, tried);
    if (!tested.isPointBad) break;
    failures.note(full, tested.evidence.differences.join("; "));
  }
  if (!tested) throw new JobFailure(`no usable recovery point in ${store.bucket}`, { refused });
  const { evidence } = tested;
  const result = { ...evidence, refused: [...refused, ...bad] };
  const own = tested.isPointBad ? [] : evidence.differences; // otherwise they are in `bad` already
  const problems = [...bad.map(({ key, reason }) => `${key}: ${reason}`), ...own];
  if (bad.length > 0 || !evidence.verified) throw new JobFailure(`restore test failed: ${problems.join("; ")}`, result);
  return result;
}

function describeRefused({ refused, waiting }: Catalogue, context: JobContext): Refusal[] {
  for (const { key, reason } of refused) context.log(`refused ${key}: ${reason}`);
  for (const { key, reason } of waiting) context.log(`incomplete, may still be replicating: ${key}: ${reason}`);
  return refused;
}

/** Slots have a resolution of one second, so each attempt gets a distinct key. */
const keepEvidence = ({ evidenceStore }: TestArgs, evidence: Evidence, number: number): Promise<void> =>
  evidenceStore.putJson(restoreEvidenceKey(new Date(Date.now() + number * 1000)), evidence);
