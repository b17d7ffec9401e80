import { defineCommand } from "../command-line/command.ts";
import { json, project, resolve, stack } from "./common.ts";

export const failover = defineCommand({
  name: "failover",
  description: "make this stack's site the active one; calls nothing in the lost region",
  options: {
    stack: stack("stack of the site that takes over, e.g. dr"),
    yes: { description: "the incident commander has decided: do not ask" },
    dryRun: { description: "only the pre-checks" },
    acceptDataLoss: { description: "go on although the newest recovery point is older than the RPO" },
    forceUnplanned: { description: "go on although the other site still serves; tries to stop its writes first" },
    skipPolicies: { description: "go on although the policy pack forbids the switch or cannot judge it" },
    resolve,
    project,
    json,
  },
  examples: [
    { why: "can the alternate site take over? changes nothing", line: "failover --stack dr --dry-run" },
    { why: "take over; asks first", line: "failover --stack dr" },
    {
      why: "where this machine cannot find the site's name",
      line: "failover --stack dr --dry-run --resolve dr.example.com=https://10.0.0.7",
    },
  ],
  exitStatus: {
    0: "switched, every tier within its RTO; with --dry-run, ready to switch",
    1: "switched too late or not completely: run it again",
    2: "not begun; nothing was changed",
  },
  handler: async (values) => (await import("../failover/command.ts")).failoverCommand(values),
});
