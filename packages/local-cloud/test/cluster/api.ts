/** A minimal Kubernetes API client for tests. */
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../cluster/index.ts";

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [key: string]: unknown };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what the API answers is checked by the tests themselves
  [key: string]: any;
}

export interface Answer {
  status: number;
  text: string;
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
  users: [{ user: { token: string } }];
}

export class Api {
  readonly #server: string;
  readonly #ca: Buffer;
  readonly #token: string;

  constructor(cluster: Pick<Cluster, "kubeconfig">) {
    const config = JSON.parse(cluster.kubeconfig) as Kubeconfig;
    this.#server = config.clusters[0].cluster.server;
    this.#ca = Buffer.from(config.clusters[0].cluster["certificate-authority-data"], "base64");
    this.#token = config.users[0].user.token;
  }

  ask(method: string, path: string, body?: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.#token}`, "content-type": "application/json" };
      const call = request(`${this.#server}${path}`, { method, ca: this.#ca, headers, timeout: 20_000 }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      call.on("timeout", () => call.destroy(new Error(`${method} ${path}: no answer`)));
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async create(path: string, ...objects: KubernetesObject[]): Promise<void> {
    for (const object of objects) {
      const { status, text } = await this.ask("POST", path, object);
      if (status !== 201) throw new Error(`creating ${object.kind} ${object.metadata.name}: ${text}`);
    }
  }

  async get(path: string): Promise<KubernetesObject> {
    const { status, text } = await this.ask("GET", path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as KubernetesObject;
  }

  /** Polls an object until `wanted` holds. */
  async until(path: string, wanted: (object: KubernetesObject) => unknown, seconds = 20): Promise<KubernetesObject> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const { status, text } = await this.ask("GET", path);
      const object = JSON.parse(text) as KubernetesObject;
      if (status === 200 && wanted(object)) return object;
      if (Date.now() > end) throw new Error(`${path} is not as wanted: ${JSON.stringify(object["status"] ?? object)}`);
      await sleep(50);
    }
  }

  async untilGone(path: string, seconds = 20): Promise<void> {
    for (const end = Date.now() + seconds * 1000; (await this.ask("GET", path)).status !== 404; await sleep(50)) {
      if (Date.now() > end) throw new Error(`${path} is still there`);
    }
  }

  async log(pod: string, query = ""): Promise<string> {
    return (await this.ask("GET", `${pods}/${pod}/log?${query}`)).text;
  }
}

export const pods = "/api/v1/namespaces/default/pods";

/** A pod with one container, whose name is `c`. */
export const pod = (
  name: string,
  image: string,
  container: Record<string, unknown> = {},
  spec: Record<string, unknown> = {},
): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels: { app: name } },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "c", image, ...container }], ...spec },
});
