import { defineCommand, type CommandGroup } from "../command-line/command.ts";
import { oneOf, slot } from "../command-line/value-kinds.ts";
import { accountable, json, project, stack } from "./common.ts";

export const points: CommandGroup = {
  name: "points",
  description: "what state each recovery point is in, and decisions about them",
};

export const pointsList = defineCommand({
  name: "points list",
  description: "recovery points of the last day in the stack's own region, with their state",
  options: { stack: stack("stack whose region's bucket is read, e.g. dr"), project, json },
  examples: [{ why: "which points count, and which wait for a decision", line: "points list --stack dr" }],
  exitStatus: { 0: "nothing is refused and nothing waits for a decision", 1: "something is or does" },
  handler: async (values) => (await import("../points.ts")).pointsListCommand(values),
});

const decision = <const Verdict extends "accept" | "reject">(verdict: Verdict, effect: string, reason: string) =>
  defineCommand({
    name: `points ${verdict}`,
    description: `${effect} a suspicious recovery point and those of its series`,
    arguments: {
      slot: { description: "export time of the point, as points list shows it", takes: slot, required: true },
    },
    options: {
      stack: stack("stack whose region's bucket keeps the decision, e.g. dr"),
      ...accountable,
      kind: {
        description: "which one, where both kinds have a suspicious point of that slot",
        takes: oneOf("kind", ["full", "changes"], "leave it out where the slot has one point"),
      },
      yes: { description: "do not ask" },
      project,
    },
    examples: [
      {
        why: `${effect} the points since this one; asks first`,
        line: `points ${verdict} 20261123T100000Z --stack dr --by "A. Lovelace" --reason "${reason}"`,
      },
    ],
    exitStatus: { 0: "the decision is written", 2: "it is not" },
    handler: async (values) => (await import("../points.ts")).pointsDecideCommand(verdict, values),
  });

export const pointsAccept = decision("accept", "let the standby follow", "sessions were purged on purpose");
export const pointsReject = decision("reject", "never use", "a faulty migration emptied the table");
