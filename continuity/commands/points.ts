import { defineCommand, type CommandGroup } from "../command-line/command.ts";
import { oneOf, slot } from "../command-line/value-kinds.ts";
import { accountable, json, project, stack } from "./common.ts";

export const points: CommandGroup = {
  name: "points",
  description: "state of recovery points, and decisions about suspicious ones",
};

export const pointsList = defineCommand({
  name: "points list",
  description: "list the recovery points of the last day in the stack's own region, with their state",
  options: { stack: stack("stack whose bucket to read, e.g. dr"), project, json },
  examples: [
    { why: "see which recovery points are usable, and which await a decision", line: "points list --stack dr" },
  ],
  exitStatus: { 0: "nothing is refused or awaits a decision", 1: "something is refused or awaits a decision" },
  handler: async (values) => (await import("../points.ts")).pointsListCommand(values),
});

const decision = <const Verdict extends "accept" | "reject">(verdict: Verdict, effect: string, reason: string) =>
  defineCommand({
    name: `points ${verdict}`,
    description: `${effect} a suspicious recovery point and the others of its series`,
    arguments: {
      slot: { description: "slot of the recovery point, as shown by points list", takes: slot, required: true },
    },
    options: {
      stack: stack("stack whose bucket stores the decision, e.g. dr"),
      ...accountable,
      kind: {
        description: "kind, if both kinds have a suspicious recovery point with that slot",
        takes: oneOf("kind", ["full", "changes"], "omit it if the slot has one recovery point"),
      },
      yes: { description: "skip the confirmation" },
      project,
    },
    examples: [
      {
        why: `${effect} the recovery points since this one, after a confirmation`,
        line: `points ${verdict} 20261123T100000Z --stack dr --by "A. Lovelace" --reason "${reason}"`,
      },
    ],
    exitStatus: { 0: "the decision was written", 2: "it was not" },
    handler: async (values) => (await import("../points.ts")).pointsDecideCommand(verdict, values),
  });

export const pointsAccept = decision("accept", "let the standby follow", "sessions were purged on purpose");
export const pointsReject = decision("reject", "never use", "a faulty migration emptied the table");
