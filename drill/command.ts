import { access, constants, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPlan } from "../contract/index.ts";
import { CannotRun, exitStatus, messageOf } from "../continuity/cannot-run.ts";
import { createProgress, type Progress } from "../continuity/progress.ts";
import { reportHtml } from "./report/html.ts";
import { reportText } from "./report/text.ts";
import type { DrillReport } from "./report/types.ts";
import { measure } from "./report/measure.ts";
import type { DrillOptions } from "./options.ts";

/**
 * Runs a drill and judges it. Returns the exit status: 0 all targets met,
 * 1 something was missed.
 * @throws CannotRun where it could not run at all
 */
export async function drillCommand(options: DrillOptions): Promise<number> {
  const plan = loadPlan(options.plan);
  await prepareOut(options);
  const progress = createProgress();
  process.once("exit", () => progress.stop()); // an interrupt leaves no half line on the terminal
  const { runRegionLoss } = await import("./scenarios/region-loss.ts"); // after the checks: a wrong option costs no start of the local stack
  try {
    const { observations, stop, interrupted } = await runRegionLoss(plan, options, progress).catch((error: unknown) => {
      throw error instanceof CannotRun ? error : new CannotRun(`the drill could not run: ${messageOf(error)}`);
    });
    const report = measure(plan, observations);
    try {
      await writeReports(report, options, progress);
      progress.stop();
      process.stdout.write(reportText(report));
      if (options.keep) {
        process.stdout.write("Left running; Ctrl-C ends it.\n");
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

/** Before anything starts: a report that cannot be written is no news for the end of a drill. */
async function prepareOut({ out }: DrillOptions): Promise<void> {
  if (out === undefined) return;
  try {
    await mkdir(out, { recursive: true });
    await access(out, constants.W_OK);
  } catch (error) {
    const rule = `it must be a directory that can be written (${messageOf(error)})`;
    const problem = { where: "--out", value: JSON.stringify(out), rule, remedy: "name another one" };
    throw new CannotRun("the drill cannot run with these options", [problem]);
  }
}

async function writeReports(report: DrillReport, { out }: DrillOptions, progress: Progress): Promise<void> {
  if (out === undefined) return;
  await writeFile(join(out, "report.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(join(out, "report.html"), reportHtml(report));
  progress.note(`report.json and report.html are in ${out}`);
}
