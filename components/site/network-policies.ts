/** Which pods may connect to which inside the namespace; everything else is denied. */
import type * as pulumi from "@pulumi/pulumi";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import type * as k8s from "@pulumi/kubernetes/types/input.js";
import { kubernetesNames, type SiteFacts } from "../../contract/index.ts";
import { selectorOf, partOfLabel, type PartOf } from "../kit/kubernetes/index.ts";

type Spec = k8s.networking.v1.NetworkPolicySpec;

const partOf = (value: PartOf) => ({ matchLabels: { [partOfLabel]: value } });
const named = (name: string) => ({ matchLabels: selectorOf(name) });
const tcp = (port: number) => ({ protocol: "TCP", port });

const database = named(kubernetesNames.database);
const services = { podSelector: partOf("platform") };
const jobs = { podSelector: partOf("continuity") };

/** Address at which the EKS Pod Identity agent serves credentials. */
const podIdentityAgent = { cidr: "169.254.170.23/32" };

const policies = (entryService: string): Record<string, Spec> => ({
  "deny-all": { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  "reach-entry": {
    podSelector: named(entryService),
    policyTypes: ["Ingress"],
    // From any source: load balancers and health checks preserve the client's address.
    ingress: [{ ports: [tcp(kubernetesNames.httpPort)] }],
  },
  "reach-services": {
    podSelector: partOf("platform"),
    policyTypes: ["Ingress"],
    ingress: [{ from: [services], ports: [tcp(kubernetesNames.httpPort)] }],
  },
  "reach-database": {
    podSelector: database,
    policyTypes: ["Ingress"],
    ingress: [{ from: [services, jobs], ports: [tcp(kubernetesNames.databasePort)] }],
  },
  "leave-inside": {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [
      { to: [services], ports: [tcp(kubernetesNames.httpPort)] },
      { to: [{ podSelector: database }], ports: [tcp(kubernetesNames.databasePort)] },
      // No peers: on EKS Auto Mode and with a node-local cache, DNS runs on the node. No selector matches it, so any
      // `to` clause would block name resolution.
      { ports: [tcp(53), { protocol: "UDP", port: 53 }] },
    ],
  },
  "leave-to-aws": {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [{ ports: [tcp(443)] }, { to: [{ ipBlock: podIdentityAgent }], ports: [tcp(80)] }],
  },
});

/** `entryService` is the id of the service that takes the site's traffic. */
export const networkPolicies = (
  { namespace }: SiteFacts,
  entryService: string,
  opts: pulumi.CustomResourceOptions,
): NetworkPolicy[] =>
  Object.entries(policies(entryService)).map(
    ([name, spec]) => new NetworkPolicy(name, { metadata: { name, namespace }, spec }, opts),
  );
