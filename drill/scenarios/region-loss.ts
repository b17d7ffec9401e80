import { setTimeout as delay } from "node:timers/promises";
import type { Plan } from "../../plan/index.ts";
import { compareLedger, type Load } from "../load/index.ts";
import { CannotRun, messageOf } from "../../continuity/cannot-run.ts";
import { failover, type FailoverResult } from "../../continuity/failover/index.ts";
import { inPhase, type Progress } from "../../continuity/progress.ts";
import { Laboratory } from "../laboratory/laboratory.ts";
import type { Observations } from "../report/observations.ts";
import type { DrillOptions } from "../options.ts";
import { Recorder } from "../laboratory/recorder.ts";

export interface DrillRun {
  observations: Observations;
  /** Stops everything that the drill started. */
  stop(): Promise<void>;
  /** Resolves on the next Ctrl-C. */
  interrupted(): Promise<void>;
}

/** Seconds of writes between the last change export and the loss; these writes can be lost. */
const unprotectedWriteSeconds = 2;
/** Seconds of writes on the new site before the ledger is compared. */
const afterwardsSeconds = 2;

/**
 * Loss of the primary region: exports run through their CronJobs, the primary region is cut with everything in it, and
 * the code of `continuity failover` recovers the service.
 */
export async function runRegionLoss(plan: Plan, options: DrillOptions, progress: Progress): Promise<DrillRun> {
  const recorder = new Recorder(options.scenario, options.rows);
  const lab = await Laboratory.open(plan, options, progress, recorder);
  try {
    await Promise.race([runSteps(lab, recorder, progress, options), lab.diskFull]);
    return { observations: recorder.finish(lab), stop: () => lab.close(), interrupted: () => lab.interrupted() };
  } catch (error) {
    const explained = lab.explain(error);
    await lab.close();
    throw explained;
  }
}

/** The steps of the drill. A failure after both regions were in service counts as missed, not as unable to run. */
async function runSteps(lab: Laboratory, recorder: Recorder, progress: Progress, options: DrillOptions): Promise<void> {
  await lab.deploy();
  await lab.openTraffic();
  await inPhase(progress, `Writing ${options.rows} entries`, () => lab.users.seed(options.rows));
  const load = lab.users.startLoad();
  try {
    await protect(lab, recorder);
    await loseAndRecover(lab, recorder);
    await delay(afterwardsSeconds * 1000);
  } catch (error) {
    if (error instanceof CannotRun && recorder.cutAt === undefined) throw error;
    if (lab.explain(error) !== error) throw error; // a full disk does not reflect on the recovery
    recorder.failures.push(messageOf(error));
  } finally {
    await load.stop();
    recorder.observeLoad(load);
  }
  if (!recorder.failover) return;
  try {
    await compare(lab, recorder, load, progress);
  } catch (error) {
    recorder.failures.push(`cannot read the ledger from the new site: ${messageOf(error)}`);
  }
}

/** Runs the exports that the CronJobs would run on schedule, each verified in the alternate region before the next. */
async function protect(lab: Laboratory, recorder: Recorder): Promise<void> {
  for (const kind of ["full", "changes"] as const) {
    const run = await lab.runExport(kind);
    recorder.exports[kind] = run;
    await lab.untilVerified(run.slot);
  }
  await delay(unprotectedWriteSeconds * 1000);
}

async function loseAndRecover(lab: Laboratory, recorder: Recorder): Promise<void> {
  recorder.cutAt = await lab.loseRegion("primary");
  const result: FailoverResult = await failover(await lab.failoverContext("alternate"));
  recorder.failover = result;
  recorder.failures.push(...result.incomplete);
  for (const step of result.steps) {
    recorder.event({
      lane: "recovery",
      title: step.name,
      at: step.startedAt,
      endedAt: step.endedAt,
      outcome: step.outcome,
    });
  }
}

async function compare(lab: Laboratory, recorder: Recorder, load: Load, progress: Progress): Promise<void> {
  await inPhase(
    progress,
    "Comparing the ledger",
    async () => {
      const entries = await lab.users.readLedger();
      const comparison = compareLedger({ acknowledged: [...lab.users.seeded, ...load.acknowledged], entries });
      recorder.ledger = {
        lostAcknowledged: comparison.lostAcknowledged,
        duplicates: comparison.duplicates.length,
        outOfOrder: comparison.outOfOrder.length,
      };
      return recorder.ledger;
    },
    (ledger) => `${ledger.lostAcknowledged.length} acknowledged writes lost`,
  );
}
