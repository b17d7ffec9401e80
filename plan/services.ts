/** Services with a special role in the platform. */
import type { Plan, Service, Tier } from "./schema/plan.ts";

/** The service that receives the site's traffic; a valid plan has exactly one. */
export function entryServiceOf({ tiers }: Pick<Plan, "tiers">): Service {
  const entry = tiers.flatMap(({ services }) => services).find(({ takesTraffic }) => takesTraffic);
  if (!entry) throw new RangeError("the plan has no service that takes traffic");
  return entry;
}

/** Tier of the service that holds the data; undefined if there is none. */
export const tierOfTheData = ({ tiers }: Pick<Plan, "tiers">): Tier | undefined =>
  tiers.find(({ services }) => services.some(({ holdsData }) => holdsData));
