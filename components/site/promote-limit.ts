/** How long the last catch-up of a failover may take before the newest verified point is taken as it is. */
import { planRecoveryTimes, type Plan } from "../../plan/index.ts";

/** What the recovery time of the tier that holds the data leaves, after everything else that the plan expects. */
export function promoteLimitSeconds(plan: Plan): number {
  const home = plan.tiers.find((tier) => tier.services.some((service) => service.holdsData));
  const time = planRecoveryTimes(plan).find(({ tier }) => tier === home?.tier);
  if (time === undefined) return 0;
  const { restoreSeconds = 0 } = time.parts;
  return Math.floor(time.rtoSeconds - (time.seconds - restoreSeconds));
}
