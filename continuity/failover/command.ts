import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { resolve as absolute } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { loadPlan, otherSite, planPath, regionOf, type SiteName } from "../../contract/index.ts";
import { CannotRun, exitStatus, messageOf } from "../cannot-run.ts";
import { Kubernetes } from "../kubernetes.ts";
import { createProgress } from "../progress.ts";
import { findOtherStack } from "../other-stack.ts";
import { ManagedStack, type StackSettings } from "../stacks.ts";
import { afterwards } from "./fence.ts";
import { checkSwitch, failover, type FailoverContext, type FailoverResult } from "./index.ts";
import { describeUnappliedPoints } from "./unapplied-points.ts";

export interface FailoverCommandOptions {
  stack: string;
  project: string;
  yes?: boolean;
  dryRun?: boolean;
  acceptDataLoss?: boolean;
  forceUnplanned?: boolean;
  skipPolicies?: boolean;
  resolve: readonly (readonly [hostname: string, url: string])[];
  json?: boolean;
}

/** Exit status: 0 failed over within every tier's RTO, 1 late or incomplete, 2 not started. */
export async function failoverCommand(options: FailoverCommandOptions): Promise<number> {
  const progress = createProgress();
  let begun = false;
  try {
    const context = await openContext(options, progress);
    if (options.dryRun === true) return await dryRun(context);
    if (options.yes !== true && !(await confirmed(context))) throw new CannotRun("not confirmed; nothing was changed");
    begun = true;
    return judge(await failover(context), context, options);
  } catch (error) {
    if (!begun || error instanceof CannotRun) throw error;
    progress.stop();
    process.stderr.write(`continuity: the failover is not complete: ${messageOf(error)}\n`);
    process.stderr.write("Fix the cause and run the same command again: every step is idempotent.\n");
    return exitStatus.missed;
  } finally {
    progress.stop();
  }
}

/** Locations of the policy pack: a directory of the project, or the installed package. */
const policyPacks = ["policies", "node_modules/vapora-continuity-policies"];

async function openContext(
  options: FailoverCommandOptions,
  progress: FailoverContext["progress"],
): Promise<FailoverContext> {
  const projectDirectory = absolute(options.project);
  const packs = policyPacks.map((path) => absolute(projectDirectory, path));
  const policyPack = packs.find(existsSync);
  const stack = await ManagedStack.select({ projectDirectory, stack: options.stack, policyPack });
  const settings = await stack.settings();
  return {
    plan: loadPlan(planPath(projectDirectory, settings.planFile)),
    stack,
    settings,
    kubernetes: new Kubernetes({
      namespace: settings.namespace,
      kubeconfig: settings.kubeconfig,
      context: settings.kubeContext,
    }),
    progress,
    resolve: Object.fromEntries(options.resolve),
    acceptDataLoss: options.acceptDataLoss === true,
    forceUnplanned: options.forceUnplanned === true,
    otherStack: partnerOf(projectDirectory, settings),
    skipPolicies: options.skipPolicies === true,
    missingPack: policyPack === undefined ? packs.join(" or ") : undefined, // without the pack the update runs without policies
  };
}

/** Opened only to isolate it: an unforced failover needs only the other stack's configuration file. */
function partnerOf(projectDirectory: string, settings: StackSettings): FailoverContext["otherStack"] {
  const found = findOtherStack(projectDirectory, settings);
  if (!found) return undefined;
  const isolate = async (): Promise<void> =>
    (await ManagedStack.select({ projectDirectory, stack: found.name })).setRole("isolated");
  return { ...found, isolate };
}

async function dryRun(context: FailoverContext): Promise<number> {
  const { topology, site } = context.settings;
  const s3 = new S3Client({ region: regionOf(topology, site), maxAttempts: 2 });
  try {
    const { blockers, warnings, newestVerified } = await checkSwitch(context, s3);
    for (const warning of warnings) context.progress.warn(warning);
    if (blockers.length > 0) throw new CannotRun("the failover would not start", blockers);
    context.progress.note(`ready to fail over to the ${site} site; recovery point ${newestVerified?.slot}`);
    return exitStatus.met;
  } finally {
    s3.destroy();
  }
}

async function confirmed({
  settings,
  stack,
  forceUnplanned,
}: FailoverContext & { stack: { name?: string } }): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CannotRun("cannot ask for confirmation without a terminal", ["add --yes to confirm"]);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const other = otherSite(settings.site);
    const forced = forceUnplanned
      ? ` If the ${other} site still serves, it is fenced; writes it acknowledged since the recovery point are lost.`
      : "";
    const question = `Traffic and writes will move to the ${settings.site} site (stack ${stack.name}).${forced} Type its name to continue: `;
    return (await terminal.question(question)).trim() === settings.site;
  } finally {
    terminal.close();
  }
}

function judge(result: FailoverResult, { plan, settings }: FailoverContext, { json }: FailoverCommandOptions): number {
  const late = plan.tiers.filter(({ services, rto }) => {
    const last = Math.max(result.trafficSwitchedAt, ...services.map(({ id }) => result.servicesUp[id] ?? Number.NaN));
    return !(last - result.startedAt <= rto.seconds * 1000);
  });
  if (json === true) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else
    process.stdout.write(
      closingWords(
        result,
        settings.site,
        late.map((tier) => tier.tier),
      ),
    );
  return late.length === 0 && result.incomplete.length === 0 ? exitStatus.met : exitStatus.missed;
}

const closingWords = (result: FailoverResult, site: SiteName, late: readonly number[]): string => `\
The ${site} site serves since ${new Date(result.trafficSwitchedAt).toISOString()}, ${((result.trafficSwitchedAt - result.startedAt) / 1000).toFixed(1)} s after the command began.
Recovery point ${result.recoveryPoint.slot}: writes acknowledged after ${new Date(result.recoveryPoint.snapshotAt).toISOString()} may be lost.
${describeUnappliedPoints(result.leftBehind)}\
${late.length === 0 ? "Every tier is within its RTO." : `RTO missed: tier ${late.join(", ")}.`} Evidence: ${result.evidence ?? "not stored"}
${result.incomplete.length === 0 ? "" : `Not complete; fix this and run the same command again:\n${result.incomplete.map((part) => `  - ${part}\n`).join("")}`}\
${afterwards(result.fence, site)}
`;
