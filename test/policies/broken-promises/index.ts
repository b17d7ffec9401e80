/** Violates the real plan: infrequent exports, a short lock, a yearly restore test. */
import * as pulumi from "@pulumi/pulumi";
import { deployStack, readSettings } from "../../../components/stack/index.ts";
import { examplePlan } from "../../support/example-plan.ts";

const plan = examplePlan();
const { backups } = plan;

deployStack(readSettings(new pulumi.Config()), {
  ...plan,
  backups: {
    ...backups,
    changeExport: { ...backups.changeExport, schedule: "*/45 * * * *" },
    retention: { iso: "P1D", seconds: 86_400 },
    restoreTest: { ...backups.restoreTest, schedule: "0 3 1 1 *" },
  },
});
