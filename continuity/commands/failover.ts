import { defineCommand } from "../command-line/command.ts";
import { json, project, resolve, stack } from "./common.ts";

export const failover = defineCommand({
  name: "failover",
  description: "make this stack's site the active one; makes no calls to the lost region",
  options: {
    stack: stack("stack of the site that takes over, e.g. dr"),
    yes: { description: "skip the confirmation: the incident commander has decided" },
    dryRun: { description: "run the pre-checks only" },
    acceptDataLoss: { description: "continue even if the newest recovery point is older than the RPO" },
    forceUnplanned: { description: "continue even if the other site still serves; tries to fence it first" },
    skipPolicies: { description: "continue even if the policy pack rejects the update or reaches no verdict" },
    resolve,
    project,
    json,
  },
  examples: [
    { why: "check whether the alternate site can take over; changes nothing", line: "failover --stack dr --dry-run" },
    { why: "fail over, after a confirmation", line: "failover --stack dr" },
    {
      why: "if this machine cannot resolve the site's name",
      line: "failover --stack dr --dry-run --resolve dr.example.com=https://10.0.0.7",
    },
  ],
  exitStatus: {
    0: "failed over, every tier within its RTO; with --dry-run, ready to fail over",
    1: "failed over late or incompletely: run it again",
    2: "not started; nothing was changed",
  },
  handler: async (values) => (await import("../failover/command.ts")).failoverCommand(values),
});
