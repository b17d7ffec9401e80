import type { RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import { ask } from "../jobs/wire/index.ts";
import { CannotRun, describeProblem, shortReason } from "./cannot-run.ts";

export class KubernetesError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "KubernetesError";
    this.status = status;
  }
}

export interface ClusterAccess {
  /** Kubernetes namespace of the site, from its stack's configuration. */
  namespace: string;
  /** Kubeconfig as text (JSON or YAML). @default the default one ($KUBECONFIG, ~/.kube/config) */
  kubeconfig?: string | undefined;
  /** @default the kubeconfig's current context */
  context?: string | undefined;
  /** Time limit of a call, in seconds. @default 10 */
  timeoutSeconds?: number;
}

/**
 * Calls to one cluster's API; paths as in the API. Existing objects are never modified: whoever patches a field becomes
 * its field manager, and the stack's next update would conflict.
 */
export interface KubernetesApi {
  /** Kubernetes namespace of the site. */
  readonly namespace: string;
  /** The answer as the API sent it: see `kubernetes-objects.ts` for what is read of it. */
  get(path: string): Promise<object>;
  /** Undefined: the object does not exist. */
  find(path: string): Promise<object | undefined>;
  post(path: string, body: object): Promise<object>;
  /** Response as text, e.g. a pod's log. */
  text(path: string): Promise<string>;
}

/** Thin client of one cluster's API: credentials from the official client, a time limit for every call. */
export class Kubernetes implements KubernetesApi {
  readonly namespace: string;
  readonly #config: KubeConfig;
  readonly #timeoutSeconds: number;

  constructor({ namespace, kubeconfig, context, timeoutSeconds = 10 }: ClusterAccess) {
    this.namespace = namespace;
    this.#config = openKubeConfig(kubeconfig, context);
    this.#timeoutSeconds = timeoutSeconds;
  }

  get(path: string): Promise<object> {
    return this.#json("GET", path);
  }

  async find(path: string): Promise<object | undefined> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof KubernetesError && error.status === 404) return undefined;
      throw error;
    }
  }

  post(path: string, body: object): Promise<object> {
    return this.#json("POST", path, body);
  }

  async text(path: string): Promise<string> {
    const { status, text } = await this.#send("GET", path);
    if (status < 300) return text;
    throw asError("GET", path, status, text);
  }

  async #json(method: string, path: string, body?: object): Promise<object> {
    const { status, text } = await this.#send(method, path, body);
    if (status >= 300) throw asError(method, path, status, text);
    const answer = parsed(text);
    if (typeof answer === "object" && answer !== null) return answer;
    throw new KubernetesError(status, `${method} ${path}: ${status} without an object: ${text.slice(0, 500)}`);
  }

  async #send(method: string, path: string, body?: object) {
    const cluster = this.#config.getCurrentCluster();
    if (!cluster) throw new Error("the context refers to a cluster that is not in its kubeconfig");
    const url = new URL(path, cluster.server);
    const connection: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(connection);
    const headers: Record<string, string> = { ...(connection.headers as object), accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await ask({
      url,
      method,
      headers,
      body: body && JSON.stringify(body),
      timeoutSeconds: this.#timeoutSeconds,
      connection,
      where: url.host,
    });
    return { status: answer.status, text: answer.body.toString() };
  }
}

/** @throws CannotRun; never falls back to the current context if one was named */
function openKubeConfig(kubeconfig: string | undefined, context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  const where = kubeconfig === undefined ? "the kubeconfig (KUBECONFIG or ~/.kube/config)" : "the stack's kubeconfig";
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromString(kubeconfig);
  } catch (error) {
    const value = `not readable (${shortReason(error)})`;
    const remedy = "set KUBECONFIG to one that contains the site's cluster";
    throw new CannotRun(describeProblem({ where, value, rule: "it must contain the site's cluster", remedy }));
  }
  if (context === undefined) return config;
  if (config.getContextObject(context) === null) throw noContext(where, context, config);
  config.setCurrentContext(context);
  return config;
}

function noContext(where: string, context: string, config: KubeConfig): CannotRun {
  const names = config.getContexts().map(({ name }) => name);
  return new CannotRun(
    describeProblem({
      where,
      value: `without a context "${context}" (it has ${names.length === 0 ? "none" : names.join(", ")})`,
      rule: "a site is accessed through the context of its own cluster, never through the current one",
      remedy: `make it, e.g. aws eks update-kubeconfig --name ${context} --alias ${context} --region REGION, or name the one of this cluster: pulumi config set kubeContext NAME --stack STACK`,
    }),
  );
}

function asError(method: string, path: string, status: number, text: string): KubernetesError {
  // A proxy's answer is no object of the API.
  const { message } = (parsed(text) ?? {}) as { message?: unknown };
  const said = typeof message === "string" ? message : text;
  return new KubernetesError(status, `${method} ${path}: ${status} ${said.slice(0, 500)}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
