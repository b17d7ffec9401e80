/** How many pods a service has, from the site's role and the plan's standby mode. */
import type { StandbyMode } from "../../../plan/index.ts";
import type { Role } from "../../../contract/index.ts";

/** Two of the most critical tier, so that a node can go without an outage; one of the rest. */
const defaultReplicas = (tier: number): number => (tier === 1 ? 2 : 1);

/** Pods of each tier's services while the site is active, by tier. */
export type TierReplicas = Readonly<Record<number, number>>;

export function replicasOf(tier: number, standby: StandbyMode, role: Role, chosen: TierReplicas): number {
  const running = chosen[tier] ?? defaultReplicas(tier);
  switch (role) {
    case "active":
      return running;
    case "standby":
      return standby === "warm-standby" ? running : 0;
    case "isolated":
      // A fenced site must serve nobody, whatever its data say.
      return 0;
  }
}
