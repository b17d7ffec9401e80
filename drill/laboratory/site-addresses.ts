import * as z from "zod";
import type { SiteName } from "../../contract/index.ts";
import { Kubernetes } from "../../continuity/kubernetes.ts";
import { onMachine, type Cluster } from "@vapora-continuity/local-cloud/cluster";

const services = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ annotations: z.record(z.string(), z.string()).optional() }),
      spec: z.object({ ports: z.array(z.object({ port: z.number().int() })).optional() }),
      status: z
        .object({
          loadBalancer: z.object({ ingress: z.array(z.object({ ip: z.string().optional() })).optional() }).optional(),
        })
        .optional(),
    }),
  ),
});
type Service = z.output<typeof services>["items"][number];

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
        const answer = await new Kubernetes({
          namespace: this.#namespace,
          kubeconfig: cluster.kubeconfig,
          timeoutSeconds: 3,
        }).get(path);
        for (const service of services.parse(answer).items) this.#remember(cluster, service);
      }),
    );
  }

  #remember(cluster: Cluster, { metadata, spec, status }: Service): void {
    const hostname = metadata.annotations?.[annotation];
    const ip = status?.loadBalancer?.ingress?.[0]?.ip;
    const port = spec.ports?.[0]?.port;
    if (hostname === undefined || ip === undefined || port === undefined) return;
    this.#known.set(hostname, `http://${onMachine(ip)}:${cluster.portOnMachine(port)}`);
  }
}
