/**
 * How the VPC CNI enforces network policies, applied to the objects that the program renders. Its controller resolves
 * the rules to addresses and ports; its agent compares packets with these at the pod's interface: outgoing ones before
 * a ClusterIP is translated, incoming ones after it.
 */
import { BlockList, isIPv6 } from "node:net";
import { at, ofType, type Made } from "../../support/pulumi-mocks.ts";

type Labels = Record<string, string>;
interface Selector {
  matchLabels?: Labels;
}
interface Peer {
  podSelector?: Selector;
  ipBlock?: { cidr: string };
}
interface PolicyPort {
  protocol: string;
  port: number;
}
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports: PolicyPort[];
}
interface ContainerPort {
  name: string;
  containerPort: number;
}
interface ServicePort {
  port: number;
  targetPort: number | string;
}

export interface Pod {
  name: string;
  address: string;
  labels: Labels;
  ports: ContainerPort[];
}
export interface Service {
  name: string;
  clusterIp: string;
  selector: Labels;
  ports: ServicePort[];
}
/** What a rule permits, as the agent sees it. */
interface Endpoint {
  cidr: string;
  ports: readonly PolicyPort[];
}
export interface Cluster {
  pods: readonly Pod[];
  services: readonly Service[];
  policies: readonly Made[];
}

const templates: Record<string, string> = {
  "kubernetes:apps/v1:Deployment": "spec.template",
  "kubernetes:apps/v1:StatefulSet": "spec.template",
  "kubernetes:batch/v1:Job": "spec.template",
  "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template",
};

/** The registered objects as a cluster of one address family: one pod of each workload, one ClusterIP per Service. */
export function renderedCluster(family: "IPv4" | "IPv6"): Cluster {
  const address = (net: number, host: number) => (family === "IPv4" ? `10.${net}.0.${host}` : `fd00:${net}::${host}`);
  const workloads = Object.entries(templates).flatMap(([type, path]) => ofType(type).map((made) => ({ made, path })));
  return {
    pods: workloads.map(({ made, path }, index) => {
      const containers = at(made, `${path}.spec.containers`) as { ports?: ContainerPort[] }[];
      const labels = at(made, `${path}.metadata.labels`) as Labels;
      return {
        name: made.name,
        address: address(1, index + 1),
        labels,
        ports: containers.flatMap(({ ports }) => ports ?? []),
      };
    }),
    services: ofType("kubernetes:core/v1:Service").map((made, index) => ({
      name: made.name,
      clusterIp: address(2, index + 1),
      selector: at(made, "spec.selector") as Labels,
      ports: at(made, "spec.ports") as ServicePort[],
    })),
    policies: ofType("kubernetes:networking.k8s.io/v1:NetworkPolicy"),
  };
}

const selects = ({ matchLabels = {} }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value);

const numberOf = (pod: Pod | undefined, port: number | string): number | undefined =>
  typeof port === "number" ? port : pod?.ports.find(({ name }) => name === port)?.containerPort;

/** The controller lists Services whose selector satisfies the peer's, with the port whose target is the policy's. */
function clusterIps(cluster: Cluster, peer: Selector, ports: readonly PolicyPort[]): Endpoint[] {
  return cluster.services
    .filter(({ selector }) => selects(peer, selector))
    .map(({ clusterIp, ports: own }) => ({
      cidr: clusterIp,
      ports: ports.flatMap(({ protocol, port }) => {
        const found = own.find(({ targetPort }) => targetPort === port);
        return found ? [{ protocol, port: found.port }] : [];
      }),
    }))
    .filter((endpoint) => endpoint.ports.length > 0);
}

function endpoints(cluster: Cluster, rule: Rule, direction: "from" | "to"): Endpoint[] {
  const peers = rule[direction];
  if (peers === undefined) return ["0.0.0.0/0", "::/0"].map((cidr) => ({ cidr, ports: rule.ports }));
  return peers.flatMap(({ podSelector, ipBlock }) => {
    if (ipBlock) return [{ cidr: ipBlock.cidr, ports: rule.ports }];
    const peer = podSelector ?? {};
    const pods = cluster.pods.filter(({ labels }) => selects(peer, labels));
    return [
      ...pods.map(({ address }) => ({ cidr: address, ports: rule.ports })),
      ...(direction === "to" ? clusterIps(cluster, peer, rule.ports) : []),
    ];
  });
}

function covers(cidr: string, address: string): boolean {
  const [base = "", bits] = cidr.split("/");
  const family = isIPv6(base) ? "ipv6" : "ipv4";
  if (family !== (isIPv6(address) ? "ipv6" : "ipv4")) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  return list.check(address, family);
}

/** Whether the policies that select a pod permit a packet; a pod that no policy selects is open. */
function permitted(
  cluster: Cluster,
  pod: Pod,
  direction: "Ingress" | "Egress",
  address: string,
  { protocol, port }: PolicyPort,
): boolean {
  const selecting = cluster.policies.filter(
    (made) =>
      selects(at(made, "spec.podSelector") as Selector, pod.labels) &&
      (at(made, "spec.policyTypes") as string[]).includes(direction),
  );
  if (selecting.length === 0) return true;
  const [list, peers] = direction === "Ingress" ? (["ingress", "from"] as const) : (["egress", "to"] as const);
  return selecting
    .flatMap((made) => (at(made, `spec.${list}`) as Rule[] | undefined) ?? [])
    .flatMap((rule) => endpoints(cluster, rule, peers))
    .some(
      ({ cidr, ports }) =>
        covers(cidr, address) && ports.some((open) => open.port === port && open.protocol === protocol),
    );
}

/** Whether a pod's packet leaves it for an address, which may be a ClusterIP or outside the cluster. */
export const leaves = (cluster: Cluster, from: Pod, address: string, port: number, protocol = "TCP"): boolean =>
  permitted(cluster, from, "Egress", address, { protocol, port });

/** Whether a packet from an address enters a pod. */
export const enters = (cluster: Cluster, to: Pod, address: string, port: number, protocol = "TCP"): boolean =>
  permitted(cluster, to, "Ingress", address, { protocol, port });

/** Whether one pod reaches another by its own address. */
export const reachesPod = (cluster: Cluster, from: Pod, to: Pod, port: number): boolean =>
  leaves(cluster, from, to.address, port) && enters(cluster, to, from.address, port);

/** Whether a pod reaches a Service by its ClusterIP and port: judged before translation, then at the pod behind it. */
export function reachesService(cluster: Cluster, from: Pod, to: Service, port: number): boolean {
  const behind = cluster.pods.find(({ labels }) => selects({ matchLabels: to.selector }, labels));
  const target = to.ports.find((open) => open.port === port)?.targetPort;
  const translated = target === undefined ? undefined : numberOf(behind, target);
  if (behind === undefined || translated === undefined) return false;
  return leaves(cluster, from, to.clusterIp, port) && enters(cluster, behind, from.address, translated);
}
