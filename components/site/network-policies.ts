/**
 * Which pods may connect to which inside the namespace; everything else is denied. One rule on each side per `needs`
 * edge of the plan.
 *
 * The VPC CNI enforces egress before a Service's address is translated. It adds a ClusterIP only where the Service's
 * own selector satisfies the peer's selector and the port equals the Service's target port: hence one peer per
 * service, selected exactly as its Service selects it, with the numeric target port.
 */
import type * as pulumi from "@pulumi/pulumi";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import type * as k8s from "@pulumi/kubernetes/types/input.js";
import type { Plan, Service } from "../../plan/index.ts";
import { portOf, workloadOf, type SiteFacts } from "../../contract/index.ts";
import { selectorOf, partOfLabel } from "../kit/kubernetes/index.ts";

type Spec = k8s.networking.v1.NetworkPolicySpec;

const tcp = (port: number) => ({ protocol: "TCP", port });
const podsOf = (service: Service) => ({ matchLabels: selectorOf(workloadOf(service).name) });
const jobs = { matchLabels: { [partOfLabel]: "continuity" } };

/** Addresses at which the EKS Pod Identity agent serves credentials, in IPv4 and in IPv6 clusters. */
const podIdentityAgent = ["169.254.170.23/32", "fd00:ec2::23/128"];

const denyAll: Spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };

const toAws: Spec = {
  podSelector: {},
  policyTypes: ["Egress"],
  egress: [{ ports: [tcp(443)] }, { to: podIdentityAgent.map((cidr) => ({ ipBlock: { cidr } })), ports: [tcp(80)] }],
};

const resolveNames: Spec = {
  podSelector: {},
  policyTypes: ["Egress"],
  // No peers: on EKS Auto Mode and with a node-local cache, DNS runs on the node. No selector matches it, so any `to`
  // clause would block name resolution.
  egress: [{ ports: [tcp(53), { protocol: "UDP", port: 53 }] }],
};

type Edge = (service: Service) => { podSelector: k8s.meta.v1.LabelSelector };

function servicePolicy(service: Service, all: readonly Service[]): Spec {
  const peer: Edge = (other) => ({ podSelector: podsOf(other) });
  const ports = [tcp(portOf(service))];
  const clients = all.filter(({ needs }) => needs.includes(service.id)).map(peer);
  const needed = all.filter(({ id }) => service.needs.includes(id));
  return {
    podSelector: podsOf(service),
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      // From any source: load balancers and health checks preserve the client's address.
      ...(service.takesTraffic ? [{ ports }] : clients.map((client) => ({ from: [client], ports }))),
      ...(service.holdsData ? [{ from: [{ podSelector: jobs }], ports }] : []),
    ],
    egress: needed.map((other) => ({ to: [peer(other)], ports: [tcp(portOf(other))] })),
  };
}

const jobsPolicy = (all: readonly Service[]): Spec => ({
  podSelector: jobs,
  policyTypes: ["Egress"],
  egress: all
    .filter(({ holdsData }) => holdsData)
    .map((service) => ({ to: [{ podSelector: podsOf(service) }], ports: [tcp(portOf(service))] })),
});

function policies(tiers: Plan["tiers"]): Record<string, Spec> {
  const all = tiers.flatMap(({ services }) => services);
  return {
    "deny-all": denyAll,
    "leave-to-aws": toAws,
    "resolve-names": resolveNames,
    jobs: jobsPolicy(all),
    ...Object.fromEntries(all.map((service) => [`service-${service.id}`, servicePolicy(service, all)])),
  };
}

/** `tiers` of the plan, whose `needs` are the connections that services may open. */
export const networkPolicies = (
  { namespace }: SiteFacts,
  tiers: Plan["tiers"],
  opts: pulumi.CustomResourceOptions,
): NetworkPolicy[] =>
  Object.entries(policies(tiers)).map(
    ([name, spec]) => new NetworkPolicy(name, { metadata: { name, namespace }, spec }, opts),
  );
