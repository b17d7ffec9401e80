import type { SiteName } from "../../contract/index.ts";
import { Kubernetes, type KubeObject } from "../../continuity/kubernetes.ts";
import { onMachine, type Cluster } from "@vapora-continuity/local-cloud/cluster";

const annotation = "external-dns.alpha.kubernetes.io/hostname";

/**
 * Emulates external-dns and public DNS: maps host names of load balancers to their addresses. As in DNS, a name keeps
 * its last address after its region was lost.
 */
export class SiteAddresses {
  readonly #known = new Map<string, string>();
  readonly #clusters: Readonly<Record<SiteName, Cluster>>;
  readonly #namespace: string;

  /** @param namespace namespace of the sites' services */
  constructor(clusters: Readonly<Record<SiteName, Cluster>>, namespace: string) {
    this.#clusters = clusters;
    this.#namespace = namespace;
  }

  /** Base URL of the load balancer for a host name; undefined if there is none. */
  async find(hostname: string): Promise<string | undefined> {
    if (!this.#known.has(hostname)) await this.#refresh();
    return this.#known.get(hostname);
  }

  async #refresh(): Promise<void> {
    const path = `/api/v1/namespaces/${this.#namespace}/services`;
    await Promise.allSettled(
      Object.values(this.#clusters).map(async (cluster) => {
        const { items } = await new Kubernetes({
          namespace: this.#namespace,
          kubeconfig: cluster.kubeconfig,
          timeoutSeconds: 3,
        }).get(path);
        for (const service of items as KubeObject[]) this.#remember(cluster, service);
      }),
    );
  }

  #remember(cluster: Cluster, { metadata, spec, status }: KubeObject): void {
    const hostname = metadata.annotations?.[annotation];
    const ip = status?.loadBalancer?.ingress?.[0]?.ip;
    if (!hostname || !ip) return;
    this.#known.set(hostname, `http://${onMachine(ip)}:${cluster.portOnMachine(spec.ports[0].port)}`);
  }
}
