/** Number of pods of a service, from the site's role and the tier's standby mode. */
import type { StandbyMode } from "../../../plan/index.ts";
import type { Role } from "../../../contract/index.ts";

/** Two in the most critical tier, so that losing a node causes no outage; one elsewhere. */
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
      // An isolated site must not serve users, whatever its data contains.
      return 0;
  }
}
