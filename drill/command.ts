import { access, constants, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPlan } from "../contract/index.ts";
import { CannotRun, exitStatus, messageOf } from "../continuity/cannot-run.ts";
import { columnsOf } from "../continuity/fold.ts";
import { createProgress, type Progress } from "../continuity/progress.ts";
import { reportHtml } from "./report/html.ts";
import { timelineSvg } from "./report/timeline.ts";
import { reportText } from "./report/text.ts";
import type { DrillReport } from "./report/types.ts";
import { measure } from "./report/measure.ts";
import type { DrillOptions } from "./options.ts";
import { ownPlanFile } from "./own-plan.ts";

/**
 * Runs a drill and returns the exit status: 0 targets met, 1 missed.
 * @throws CannotRun if the drill could not run
 */
export async function drillCommand(options: DrillOptions): Promise<number> {
  const plan = loadPlan(options.plan ?? ownPlanFile);
  await prepareOut(options);
  const progress = createProgress();
  process.once("exit", () => progress.stop()); // do not leave an incomplete line on the terminal
  const { runRegionLoss } = await import("./scenarios/region-loss.ts"); // loaded after the checks, so that an invalid option does not start the local stack
  try {
    const { observations, stop, interrupted } = await runRegionLoss(plan, options, progress).catch((error: unknown) => {
      throw error instanceof CannotRun ? error : new CannotRun(`the drill could not run: ${messageOf(error)}`);
    });
    const report = measure(plan, observations);
    try {
      await writeReports(report, options, progress);
      progress.stop();
      process.stdout.write(reportText(report, columnsOf(process.stdout)));
      if (options.keep) {
        process.stdout.write("Both regions keep running; press Ctrl-C to stop them.\n");
        await interrupted();
      }
    } finally {
      await stop();
    }
    return report.verdict === "met" ? exitStatus.met : exitStatus.missed;
  } finally {
    progress.stop();
  }
}

/** Checked first: a drill must not fail at its end because the report cannot be written. */
async function prepareOut({ out }: DrillOptions): Promise<void> {
  if (out === undefined) return;
  try {
    await mkdir(out, { recursive: true });
    await access(out, constants.W_OK);
  } catch (error) {
    const rule = `it must be a writable directory (${messageOf(error)})`;
    const problem = { where: "--out", value: JSON.stringify(out), rule, remedy: "use another one" };
    throw new CannotRun("the drill cannot run with these options", [problem]);
  }
}

async function writeReports(report: DrillReport, { out }: DrillOptions, progress: Progress): Promise<void> {
  if (out === undefined) return;
  await writeFile(join(out, "report.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(join(out, "report.html"), reportHtml(report));
  await writeFile(join(out, "timeline.svg"), timelineSvg(report));
  progress.note(`report.json, report.html and timeline.svg are in ${out}`);
}
