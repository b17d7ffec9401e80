import { S3Client } from "@aws-sdk/client-s3";
import { regionOf, trafficProbeOf } from "../../contract/index.ts";
import { CannotRun, messageOf } from "../cannot-run.ts";
import type { FinishedJob } from "../kubernetes-jobs.ts";
import type { CheckReport, VerifiedPoint } from "./checks.ts";
import type { FailoverContext } from "./context.ts";
import { keepEvidence } from "./evidence.ts";
import { describeFence, fenceOtherSite, type FenceReport } from "./fence.ts";
import { watchGates, type ServicesOutcome } from "./gates.ts";
import { checkSwitch } from "./preview.ts";
import type { FailoverResult } from "./result.ts";
import { startRoleUpdate, type RoleUpdate } from "./role-update.ts";
import { unappliedPointsOf } from "./unapplied-points.ts";
import { acceptedLoss, firstTierRto, promoteDatabase } from "./restore.ts";
import { StepLog } from "./steps.ts";
import { switchTraffic, whilePublishing } from "./traffic.ts";
import { verifyService, type VerifyOptions } from "./verify.ts";

export type { AwsAccess, FailoverContext } from "./context.ts";
export type { FailoverResult } from "./result.ts";
export { judgeRpo, newestVerified } from "./checks.ts";
export { checkSwitch } from "./preview.ts";

/**
 * Makes the site of `context` the active one: checks, role update and last import concurrently, traffic as soon as tier
 * 1 serves, then the later phases. Calls no global control plane, and in the other region only its host name, unless
 * forced to fence the other site first. An interrupted failover can be repeated: every step is idempotent.
 * @throws CannotRun before anything was changed; any other error after that
 */
export async function failover(context: FailoverContext): Promise<FailoverResult> {
  const { settings } = context;
  const s3 = new S3Client({ region: regionOf(settings.topology, settings.site), maxAttempts: 2, ...context.aws });
  try {
    const steps = new StepLog(context.progress);
    const startedAt = Date.now();
    const checks = await steps.run("Pre-checks", () => checkOrRefuse(context, s3), describeChecks);
    for (const warning of checks.warnings) context.progress.warn(warning);
    const taken = await takeOver(context, steps, checks);
    const warnings = [...checks.warnings, ...(taken.fence?.problems ?? [])];
    return await withEvidence(context, s3, { startedAt, warnings, ...taken });
  } finally {
    s3.destroy();
  }
}

/** Before the last import: writes that the other site acknowledges after it are lost. */
async function fenceFirst(context: FailoverContext, steps: StepLog, { names }: CheckReport): Promise<FenceReport> {
  const report = await steps.run("Fence", (phase) => fenceOtherSite(context, names, phase), describeFence);
  for (const problem of report.problems) context.progress.warn(problem);
  return report;
}

type Taken = Omit<FailoverResult, "startedAt" | "warnings" | "evidence">;

async function takeOver(context: FailoverContext, steps: StepLog, checks: CheckReport): Promise<Taken> {
  const abort = new AbortController();
  const { signal } = abort;
  try {
    const update = startRoleUpdate(context, steps, signal);
    await update.underWay; // while a lock blocks the update, neither the other site nor the database may be touched
    const fence = context.forceUnplanned === true ? await fenceFirst(context, steps, checks) : undefined;
    const gates = watchGates(context, steps, { signal, updateEnded: () => update.endedAt() });
    const firstPhase = gates.firstPhase.catch(withReasonOf(update));
    const promoting = promote(context, steps, { checkedAt: checks.checkedAt, signal });
    const [promotion] = await Promise.all([promoting, firstPhase]);
    // From here on, failures of later tiers affect neither users nor the running update.
    const rest = Promise.all([gates.all, update.ended]);
    rest.catch(() => {}); // awaited below
    const moved = await moveTraffic(context, steps, {
      headers: checks.names.headers,
      generation: generationOf(promotion),
    }).catch(afterRest(context, rest));
    const [outcome, updateError] = await rest;
    return {
      endedAt: Date.now(),
      steps: steps.records,
      servicesUp: Object.fromEntries(outcome.up),
      ...moved,
      recoveryPoint: restoredPoint(promotion),
      promotion,
      fence,
      incomplete: incompletePartsOf(outcome, updateError),
      leftBehind: unappliedPointsOf(promotion),
    };
  } finally {
    abort.abort();
  }
}

type Expected = Pick<VerifyOptions, "headers" | "generation">;

async function moveTraffic(context: FailoverContext, steps: StepLog, expected: Expected) {
  const { settings, aws, progress } = context;
  await steps.run("Site check", () => verifyName(context, settings.siteHostname, expected));
  const trafficSwitchedAt = await steps.run("Traffic switch", () => openTraffic(context));
  const publish = () => switchTraffic(settings.topology, settings.site, aws);
  const failed = (error: unknown) => progress.warn(`the traffic switch was not published again: ${messageOf(error)}`);
  await steps.run("Verification", () =>
    whilePublishing({ publish, failed }, () => verifyName(context, settings.publicHostname, expected)),
  );
  const verifiedAt = Date.now();
  return { trafficSwitchedAt, verifiedAt };
}

/** The database is promoted and tier 1 is up: aborting the update here would leave later tiers between two roles. */
const afterRest =
  ({ progress }: FailoverContext, rest: Promise<[ServicesOutcome, string | undefined]>) =>
  async (error: unknown): Promise<never> => {
    progress.warn(`${messageOf(error)}; waiting for the update of later tiers to finish`);
    const [outcome, updateError] = await rest;
    for (const part of incompletePartsOf(outcome, updateError)) progress.warn(part);
    throw error;
  };

/** A failed gate is caused by the update, whose error is the more useful reason. */
const withReasonOf =
  (update: RoleUpdate) =>
  async (error: unknown): Promise<never> => {
    if (update.endedAt() === undefined) throw error;
    const reason = await update.ended;
    throw new Error([messageOf(error), ...(reason === undefined ? [] : [reason])].join("; "), { cause: error });
  };

const incompletePartsOf = ({ lost }: ServicesOutcome, updateError: string | undefined): string[] => [
  ...[...lost].map(([id, reason]) => `${id} is not up: ${reason}`),
  ...(updateError === undefined ? [] : [`the role update is not complete: ${updateError}`]),
];

async function checkOrRefuse(context: FailoverContext, s3: S3Client): Promise<CheckReport> {
  const report = await checkSwitch(context, s3);
  if (report.blockers.length > 0) throw new CannotRun("the failover was not started", report.blockers);
  return report;
}

const describeChecks = ({ newestVerified: point }: CheckReport): string =>
  point ? `newest verified recovery point ${point.slot}` : "";

const promote = (
  context: FailoverContext,
  steps: StepLog,
  { checkedAt, signal }: { checkedAt: number; signal: AbortSignal },
): Promise<FinishedJob> =>
  steps.run(
    "Last import",
    async (phase) => {
      phase.awaiting("verified import of the newest recovery points");
      const { kubernetes, plan } = context;
      return promoteDatabase(kubernetes, plan.recovery.rto.seconds, signal, acceptedLoss(context, checkedAt));
    },
    ({ result }) => `recovery point ${result?.["recoveryPoint"]}`,
  );

function restoredPoint({ result }: FinishedJob): VerifiedPoint {
  const slot = result?.["recoveryPoint"];
  const snapshotAt = Date.parse(String(result?.["snapshotAt"]));
  if (typeof slot !== "string" || Number.isNaN(snapshotAt)) {
    throw new Error(`the promotion returned no recovery point: ${JSON.stringify(result)}`);
  }
  return { slot, snapshotAt };
}

/** Name of the promoted database, if the promotion's result has it. */
function generationOf({ result }: FinishedJob): string | undefined {
  const name = result?.["database"];
  return typeof name === "string" ? name : undefined;
}

const verifyName = ({ settings, resolve, plan }: FailoverContext, hostname: string, expected: Expected) => {
  const { endpoint, site } = settings;
  const [probe, timeoutSeconds] = [trafficProbeOf(plan), firstTierRto(plan)];
  return verifyService({ hostname, endpoint, site, probe, resolve, timeoutSeconds, ...expected });
};

async function openTraffic({ settings, aws }: FailoverContext): Promise<number> {
  await switchTraffic(settings.topology, settings.site, aws);
  return Date.now();
}

/** A successful failover does not fail because its record could not be stored: that is a warning. */
async function withEvidence(context: FailoverContext, s3: S3Client, result: FailoverResult): Promise<FailoverResult> {
  try {
    return { ...result, evidence: await keepEvidence(s3, context.settings, result) };
  } catch (error) {
    const warning = `cannot store the evidence: ${messageOf(error)}`;
    context.progress.warn(warning);
    return { ...result, warnings: [...result.warnings, warning] };
  }
}
