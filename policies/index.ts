/** The policy pack: what may not be deployed, because it would break a promise of the plan. */
import { PolicyPack } from "@pulumi/policy";
import { backupStoreReplicatedAndLocked } from "./backup-store-replicated-and-locked.ts";
import { monthlyRestoreVerifyOnReplica } from "./monthly-restore-verify-on-replica.ts";
import { worstCaseLossWithinRpo } from "./worst-case-loss-within-rpo.ts";

new PolicyPack("vapora-continuity", {
  enforcementLevel: "mandatory",
  policies: [worstCaseLossWithinRpo, backupStoreReplicatedAndLocked, monthlyRestoreVerifyOnReplica],
});
