/** Which program stands for each service of a plan: the drill runs any plan, without the company's own images. */
import { defaultProbes, kubeletPathsOf, trafficProbeOf } from "../../contract/index.ts";
import type { Plan, Service } from "../../plan/index.ts";
import { calledBy, isServiceName } from "./services/names.ts";

/** Image that stands for a service. */
export interface StandIn {
  /** Image reference of the service. */
  reference: string;
  /** Environment of the image. */
  env: Record<string, string>;
}

/** Program of a service: its own if this repository has one and the plan has all that it calls; otherwise a stub. */
function programOf({ id, takesTraffic }: Service, ids: ReadonlySet<string>): string {
  // The load of a drill writes through the service that takes traffic, whatever its name.
  if (takesTraffic) return "backend-api";
  return isServiceName(id) && calledBy[id].every((called) => ids.has(called)) ? id : "stub";
}

/** Stand-ins of all services but the database, which has an image of its own. */
export function standInsOf(plan: Pick<Plan, "tiers">, { registry, tag }: { registry: string; tag: string }): StandIn[] {
  const services = plan.tiers.flatMap((tier) => tier.services);
  const ids = new Set(services.map(({ id }) => id));
  return services
    .filter(({ holdsData }) => !holdsData)
    .map((service) => ({
      reference: service.image ?? `${registry}/${service.id}:${tag}`,
      env: {
        STANDS_FOR: programOf(service, ids),
        PROBES: JSON.stringify({
          ...kubeletPathsOf(service),
          traffic: service.takesTraffic ? trafficProbeOf(plan) : defaultProbes.traffic,
        }),
        // Without a service that opens sessions, the one that takes traffic opens them itself.
        SIGN_IN: ids.has("authentication") ? "authentication" : "self",
      },
    }));
}
