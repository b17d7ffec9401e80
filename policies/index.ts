/** The policy pack: rejects deployments that would break a promise of the plan. */
import { PolicyPack } from "@pulumi/policy";
import { backupStoreReplicatedAndLocked } from "./backup-store-replicated-and-locked.ts";
import { jobsDoTheirWork } from "./jobs-do-their-work.ts";
import { monthlyRestoreVerifyOnReplica } from "./monthly-restore-verify-on-replica.ts";
import { siteAsConfigured } from "./site-as-configured.ts";
import { worstCaseLossWithinRpo } from "./worst-case-loss-within-rpo.ts";

new PolicyPack("vapora-continuity", {
  enforcementLevel: "mandatory",
  policies: [
    siteAsConfigured,
    worstCaseLossWithinRpo,
    backupStoreReplicatedAndLocked,
    monthlyRestoreVerifyOnReplica,
    jobsDoTheirWork,
  ],
});
