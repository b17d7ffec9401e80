/** Commands for recovery points: list their states, and accept or reject suspicious ones. */
import { createInterface } from "node:readline/promises";
import { resolve as absolute } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { objectsIn } from "../jobs/index.ts";
import { recoveryPointBucket, regionOf } from "../contract/index.ts";
import { CannotRun, exitStatus } from "./cannot-run.ts";
import { listPoints, type PointState } from "./point-states.ts";
import { findMarked, writeDecision, type Marked, type Verdict } from "./point-decision.ts";
import { ManagedStack, type StackSettings } from "./stacks.ts";

export interface PointsCommandOptions {
  stack: string;
  project: string;
  json?: boolean;
}

export interface DecideCommandOptions extends PointsCommandOptions {
  /** Export time (slot) of the recovery point. */
  slot: string;
  kind: "full" | "changes" | undefined;
  by: string;
  reason: string;
  yes?: boolean;
}

/** Exit status: 0 nothing is refused or awaits a decision, 1 something is or does. */
export async function pointsListCommand(options: PointsCommandOptions): Promise<number> {
  const { settings } = await openStack(options);
  const points = await inBucket(settings, (objects) => listPoints(objects, settings.site));
  const text = options.json === true ? JSON.stringify(points, undefined, 2) : points.map(describe).join("\n");
  process.stdout.write(`${text}\n`);
  const isWell = points.every(({ state }) => state !== "refused" && state !== "suspicious");
  return isWell ? exitStatus.met : exitStatus.missed;
}

/** Exit status: 0 the decision was written, 2 it was not. */
export async function pointsDecideCommand(decision: Verdict, options: DecideCommandOptions): Promise<number> {
  const { settings } = await openStack(options);
  return inBucket(settings, async (objects) => {
    const marked = await findMarked(objects, options.slot, options.kind);
    if (options.yes !== true) await confirm(decision, marked);
    const { by, reason } = options;
    const key = await writeDecision(objects, marked, { decision, by, reason, at: new Date().toISOString() });
    process.stdout.write(
      `${settings.topology.namePrefix}: ${decision}ed the recovery points since ${marked.since} (${key})\n`,
    );
    return exitStatus.met;
  });
}

async function openStack({ stack, project }: PointsCommandOptions): Promise<{ settings: StackSettings }> {
  const opened = await ManagedStack.select({ projectDirectory: absolute(project), stack });
  return { settings: await opened.settings() };
}

/** The bucket in the stack's own region; S3 replicates it to the other one. */
async function inBucket<T>(
  { topology, site }: StackSettings,
  work: (objects: ReturnType<typeof objectsIn>) => Promise<T>,
): Promise<T> {
  const s3 = new S3Client({ region: regionOf(topology, site), maxAttempts: 2 });
  try {
    return await work(objectsIn(s3, recoveryPointBucket(topology, site)));
  } finally {
    s3.destroy();
  }
}

async function confirm(decision: Verdict, { point, since, reasons }: Marked): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CannotRun("cannot ask for confirmation without a terminal", ["add --yes to confirm"]);
  }
  const effect = {
    accept: "The standby will follow these recovery points; data missing from them will be missing from the standby.",
    reject: "Neither the standby nor a failover will ever use these recovery points.",
  };
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const about = `${point} is suspicious since ${since}:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`;
    const question = `${about}\n${effect[decision]} A decision cannot be changed. Type ${decision} to continue: `;
    if ((await terminal.question(question)).trim() !== decision) {
      throw new CannotRun("not confirmed; nothing was changed");
    }
  } finally {
    terminal.close();
  }
}

const describe = ({ kind, slot, key, state, snapshotAt, why }: PointState): string =>
  [(kind ?? "").padEnd(8), (slot ?? key).padEnd(17), state.padEnd(11), snapshotAt ?? "", ...why].join(" ").trimEnd();
