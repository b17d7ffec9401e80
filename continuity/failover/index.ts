import { S3Client } from "@aws-sdk/client-s3";
import { regionOf } from "../../plan/names.ts";
import { CannotRun, messageOf } from "../cannot-run.ts";
import type { FinishedJob } from "../kubernetes-jobs.ts";
import { preChecks, type CheckReport, type VerifiedPoint } from "./checks.ts";
import type { FailoverContext } from "./context.ts";
import { keepEvidence } from "./evidence.ts";
import { describeFence, fenceOtherSite, type FenceReport } from "./fence.ts";
import { watchGates } from "./gates.ts";
import { promoteDatabase } from "./restore.ts";
import { StepLog, type StepRecord } from "./steps.ts";
import { switchTraffic } from "./traffic.ts";
import { verifyService } from "./verify.ts";

export type { AwsAccess, FailoverContext } from "./context.ts";
export type { StepRecord } from "./steps.ts";
export { newestVerified, preChecks } from "./checks.ts";

export interface FailoverResult {
  /** Milliseconds since 1970, UTC, like every time here. */
  startedAt: number;
  endedAt: number;
  steps: StepRecord[];
  /** When each service of the plan was first up in its active role. */
  servicesUp: Record<string, number>;
  trafficSwitchedAt: number;
  /** When the public name was proved to be served by this site. */
  verifiedAt: number;
  /** The recovery point that the database was restored to. */
  recoveryPoint: VerifiedPoint;
  promotion: FinishedJob;
  /** What was done against the other site, where the switch was forced. */
  fence?: FenceReport;
  warnings: string[];
  /** Key of the evidence object in the site's recovery-point bucket; undefined where it could not be kept. */
  evidence?: string;
}

/**
 * Makes the site of `context` the active one: checks, role switch and last
 * import side by side, traffic as soon as Tier 1 serves, then the later phases.
 * Calls no global control plane, and in the other region nothing but its host
 * name, unless it is forced and fences the other site first. A switch that was interrupted can be run again: every step is idempotent.
 * @throws CannotRun before anything was changed; any other error after
 */
export async function failover(context: FailoverContext): Promise<FailoverResult> {
  const { settings } = context;
  const s3 = new S3Client({ region: regionOf(settings.topology, settings.site), maxAttempts: 2, ...context.aws });
  try {
    const steps = new StepLog(context.progress);
    const startedAt = Date.now();
    const checks = await steps.run("Pre-checks", () => checkOrRefuse(context, s3), describeChecks);
    for (const warning of checks.warnings) context.progress.warn(warning);
    const fence = context.forceUnplanned === true ? await fenceFirst(context, steps, checks) : undefined;
    const warnings = [...checks.warnings, ...(fence?.problems ?? [])];
    const result = { startedAt, warnings, ...(fence && { fence }), ...(await takeOver(context, steps)) };
    return await withEvidence(context, s3, result);
  } finally {
    s3.destroy();
  }
}

/** Before the last import: whatever the other site acknowledges after it is lost. */
async function fenceFirst(context: FailoverContext, steps: StepLog, { names }: CheckReport): Promise<FenceReport> {
  const report = await steps.run("Fence", (phase) => fenceOtherSite(context, names, phase), describeFence);
  for (const problem of report.problems) context.progress.warn(problem);
  return report;
}

type Taken = Omit<FailoverResult, "startedAt" | "warnings" | "evidence" | "fence">;

async function takeOver(context: FailoverContext, steps: StepLog): Promise<Taken> {
  const abort = new AbortController();
  const gates = watchGates(context, steps, abort.signal);
  try {
    const switching = switchRole(context, steps, abort.signal);
    const promoting = promote(context, steps, abort.signal);
    // Whichever fails first ends the switch: without an open gate there is no traffic.
    const everything = Promise.all([switching, promoting, gates.all]);
    const ready = Promise.all([promoting, gates.firstPhase]);
    everything.catch(() => {}); // awaited below; until then a failure shows through the race
    const [promotion] = await Promise.race([ready, everything.then(() => ready)]);
    await steps.run("Site check", () => verifySite(context));
    const trafficSwitchedAt = await steps.run("Traffic switch", () => openTraffic(context));
    const verifiedAt = await steps.run("Verification", () => verifyPublicName(context));
    const [, , up] = await everything;
    return {
      endedAt: Date.now(),
      steps: steps.records,
      servicesUp: Object.fromEntries(up),
      trafficSwitchedAt,
      verifiedAt,
      recoveryPoint: restoredPoint(promotion),
      promotion,
    };
  } finally {
    abort.abort();
  }
}

async function checkOrRefuse(context: FailoverContext, s3: S3Client): Promise<CheckReport> {
  const report = await preChecks(context, s3);
  if (report.blockers.length > 0) throw new CannotRun("the switch was not begun", report.blockers);
  return report;
}

const describeChecks = ({ newestVerified: point }: CheckReport): string =>
  point ? `newest verified recovery point ${point.slot}` : "";

/** The stack's role is the one setting that a switch changes; the program does the rest. */
const switchRole = (context: FailoverContext, steps: StepLog, signal: AbortSignal): Promise<void> =>
  steps.run("Role switch", async (phase) => {
    await context.stack.setRole("active");
    await context.stack.up({
      signal: AbortSignal.any([signal, AbortSignal.timeout(context.plan.recovery.rto.seconds * 1000)]),
      onResource: ({ op, urn }) => phase.awaiting(`${op} ${urn.split("::").at(-1)}`),
    });
  });

const promote = (context: FailoverContext, steps: StepLog, signal: AbortSignal): Promise<FinishedJob> =>
  steps.run(
    "Last import",
    async (phase) => {
      phase.awaiting("verified import of what arrived");
      return promoteDatabase(context.kubernetes, context.plan.recovery.rto.seconds, signal);
    },
    ({ result }) => `recovery point ${result?.["recoveryPoint"]}`,
  );

function restoredPoint({ result }: FinishedJob): VerifiedPoint {
  const slot = result?.["recoveryPoint"];
  const snapshotAt = Date.parse(String(result?.["snapshotAt"]));
  if (typeof slot !== "string" || Number.isNaN(snapshotAt)) {
    throw new Error(`the promotion names no recovery point: ${JSON.stringify(result)}`);
  }
  return { slot, snapshotAt };
}

const verifySite = ({ settings, resolve, plan }: FailoverContext) => {
  const { siteHostname: hostname, endpoint, site } = settings;
  return verifyService({ hostname, endpoint, site, resolve, timeoutSeconds: firstTierRto(plan) });
};

async function openTraffic({ settings, aws }: FailoverContext): Promise<number> {
  await switchTraffic(settings.topology, settings.site, aws);
  return Date.now();
}

async function verifyPublicName({ settings, resolve, plan }: FailoverContext): Promise<number> {
  const { publicHostname: hostname, endpoint, site } = settings;
  await verifyService({ hostname, endpoint, site, resolve, timeoutSeconds: firstTierRto(plan) });
  return Date.now();
}

const firstTierRto = (plan: FailoverContext["plan"]): number => Math.min(...plan.tiers.map((tier) => tier.rto.seconds));

/** A switch that worked is not undone because its record could not be written: that is a warning. */
async function withEvidence(context: FailoverContext, s3: S3Client, result: FailoverResult): Promise<FailoverResult> {
  try {
    return { ...result, evidence: await keepEvidence(s3, context.settings, result) };
  } catch (error) {
    const warning = `the evidence record could not be kept: ${messageOf(error)}`;
    context.progress.warn(warning);
    return { ...result, warnings: [...result.warnings, warning] };
  }
}
