/**
 * The readiness contract: one HTTP endpoint of the service that takes a site's traffic, which states the site, its
 * role, the database generation in use, and whether it serves users. Any HTTP server can keep it.
 */
import { entryServiceOf, type Plan, type Service } from "../plan/index.ts";
import type { Role, SiteName } from "./topology.ts";

/** Secret that a probe sends. */
export interface ProbeCredential {
  /** Name or ARN of the secret in Secrets Manager of the region whose site takes over. */
  secret: string;
  /** Header that carries the secret's text. */
  header: string;
}

export interface TrafficProbe {
  /** Path and query. */
  path: string;
  method: "GET" | "POST";
  /** HTTP status of a site that may serve users. */
  status: number;
  credential?: ProbeCredential | undefined;
}

/** Probes of a service that the plan does not describe further. */
export const defaultProbes = {
  alive: "/healthz",
  ready: "/readyz",
  traffic: { path: "/.well-known/continuity", method: "GET", status: 200 },
} as const satisfies { alive: string; ready: string; traffic: TrafficProbe };

/** Paths that the kubelet probes. */
export const kubeletPathsOf = ({ probes }: Pick<Service, "probes">): { alive: string; ready: string } => ({
  alive: probes?.alive ?? defaultProbes.alive,
  ready: probes?.ready ?? defaultProbes.ready,
});

/** The probe that decides whether a site serves users: that of the service that takes its traffic. */
export function trafficProbeOf(plan: Pick<Plan, "tiers">): TrafficProbe {
  const { path, method, status } = defaultProbes.traffic;
  const own = entryServiceOf(plan).probes?.traffic;
  return {
    path: own?.path ?? path,
    method: own?.method ?? method,
    status: own?.status ?? status,
    credential: own?.credential,
  };
}

/** An answer to the probe; undefined: not stated, or not readable. */
export interface Readiness {
  site: SiteName | undefined;
  role: Role | undefined;
  /** Name of the database in use; changes with every restore. */
  generation: string | undefined;
  /** Epoch of the writer record that the site acts on. */
  epoch: number | undefined;
  /** The site serves users: the expected status, `ready: true`, and no role other than active. */
  serves: boolean;
}

const siteNames: readonly SiteName[] = ["primary", "alternate"];
const roles: readonly Role[] = ["active", "standby", "isolated"];

/** Reads an answer. A server that returns the expected status for everything, such as a maintenance page, serves nobody. */
export function readReadiness(
  probe: TrafficProbe,
  { status, fields }: { status: number; fields: Readonly<Record<string, unknown>> },
): Readiness {
  const { generation, epoch, ready } = fields;
  const role = roles.find((name) => name === fields["role"]);
  return {
    site: siteNames.find((name) => name === fields["site"]),
    role,
    generation: typeof generation === "string" && generation !== "" ? generation : undefined,
    epoch: Number.isInteger(epoch) ? (epoch as number) : undefined,
    serves: status === probe.status && ready === true && (role ?? "active") === "active",
  };
}
