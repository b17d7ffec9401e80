/** All commands, in the order and under the headings of `continuity --help`. */
import { existsSync } from "node:fs";
import { defineCommand, type Command } from "../command-line/command.ts";
import type { CommandSection } from "../command-line/run.ts";
import { CannotRun } from "../cannot-run.ts";
import { completion } from "./completion.ts";
import { failover } from "./failover.ts";
import { plan, planCheck } from "./plan.ts";
import { points, pointsAccept, pointsList, pointsReject } from "./points.ts";
import { render } from "./render.ts";
import { status } from "./status.ts";
import { writer, writerSet, writerShow } from "./writer.ts";

export async function allSections(): Promise<CommandSection[]> {
  return [
    { title: "Test the recovery:", commands: [await findDrill(), planCheck], groups: [plan] },
    { title: "When a region is lost:", commands: [status, failover] },
    {
      title: "Decide manually:",
      commands: [pointsList, pointsAccept, pointsReject, writerShow, writerSet],
      groups: [points, writer],
    },
    { title: "Set up:", commands: [render, completion] },
  ];
}

/** Located by path rather than imported: the published package has no drill. */
export async function findDrill(file = new URL("../../drill/definition.ts", import.meta.url)): Promise<Command> {
  if (!existsSync(file)) return absentDrill;
  const module: unknown = await import(file.href);
  return (module as { drill: Command }).drill;
}

const absentDrill: Command = {
  ...defineCommand({
    name: "drill",
    description: "lose a region on this machine and measure the recovery (in a checkout of the repository only)",
    options: {},
    examples: [{ why: "in a checkout of the repository", line: "drill" }],
    exitStatus: {},
    handler: () => Promise.reject(drillIsAbsent()),
  }),
  start: () => Promise.reject(drillIsAbsent()), // whatever its options, which are not known here
};

const drillIsAbsent = (): CannotRun =>
  new CannotRun("this package does not contain the drill", [
    {
      where: "drill",
      value: "missing",
      rule: "it requires the local cloud, which is only in the repository",
      remedy: "run npm ci && npm run drill in a checkout",
    },
  ]);
