/** Which service of the plan does what the platform must know of. */
import type { Plan, Service, Tier } from "./schema/plan.ts";

/** The service that receives a site's traffic; every checked plan has exactly one. */
export function entryServiceOf({ tiers }: Pick<Plan, "tiers">): Service {
  const entry = tiers.flatMap(({ services }) => services).find(({ takesTraffic }) => takesTraffic);
  if (!entry) throw new RangeError("the plan has no service that takes traffic");
  return entry;
}

/** The tier of the service that holds the data; undefined in a plan that was not checked. */
export const homeOfTheData = ({ tiers }: Pick<Plan, "tiers">): Tier | undefined =>
  tiers.find(({ services }) => services.some(({ holdsData }) => holdsData));
