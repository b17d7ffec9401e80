import type { SiteName } from "../../contract/index.ts";
import { Kubernetes, type KubeObject } from "../../continuity/kubernetes.ts";
import { onMachine, type Cluster } from "@vapora-continuity/local-cloud/cluster";

const annotation = "external-dns.alpha.kubernetes.io/hostname";

/**
 * Stands for external-dns and the public DNS: the host names that load balancers
 * ask for, and their addresses. A name keeps its last address when its region
 * has died, as it does in the DNS.
 */
export class SiteAddresses {
  readonly #known = new Map<string, string>();
  readonly #clusters: Readonly<Record<SiteName, Cluster>>;
  readonly #namespace: string;

  /** `namespace` holds the sites' services. */
  constructor(clusters: Readonly<Record<SiteName, Cluster>>, namespace: string) {
    this.#clusters = clusters;
    this.#namespace = namespace;
  }

  /** Base URL of the load balancer that serves a host name; undefined while there is none. */
  async find(hostname: string): Promise<string | undefined> {
    if (!this.#known.has(hostname)) await this.#look();
    return this.#known.get(hostname);
  }

  async #look(): Promise<void> {
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
