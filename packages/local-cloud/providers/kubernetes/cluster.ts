/** API client of one cluster: discovery and the verbs that the provider uses. */
import type { JsonObject, Properties } from "../values.ts";
import { isObject } from "../values.ts";
import { Connection } from "./connection.ts";
import { ApiError, isNotFound } from "./errors.ts";
import { loadKubeConfig } from "./kubeconfig.ts";
import type { ObjectReference } from "./objects.ts";

interface ResourceKind {
  plural: string;
  namespaced: boolean;
}

export interface ApplyOptions {
  /** Field manager of the applied fields. */
  fieldManager: string;
  dryRun?: boolean;
  /** Take ownership of conflicting fields. */
  force?: boolean;
  signal?: AbortSignal | undefined;
  onWarning?: ((message: string) => void) | undefined;
}

export interface WatchEvent {
  type: string;
  object: JsonObject;
}

const clusters = new Map<string, Promise<Cluster>>();

/** The cluster of a provider instance; instances share connections and discovery. */
export async function clusterOf(config: Properties): Promise<Cluster> {
  const kubeConfig = loadKubeConfig(config);
  const key = kubeConfig.exportConfig();
  const known = clusters.get(key);
  if (known) return known;
  const context = kubeConfig.getContextObject(kubeConfig.currentContext);
  const opening = Connection.open(kubeConfig).then(
    (connection) => new Cluster(connection, context?.namespace ?? "default"),
  );
  clusters.set(key, opening);
  opening.catch(() => clusters.delete(key));
  return opening;
}

export class Cluster {
  /** Default namespace, from the kubeconfig's context. */
  readonly defaultNamespace: string;
  readonly #connection: Connection;
  readonly #kinds = new Map<string, Promise<Map<string, ResourceKind>>>();

  constructor(connection: Connection, defaultNamespace: string) {
    this.#connection = connection;
    this.defaultNamespace = defaultNamespace;
  }

  get server(): string {
    return this.#connection.server;
  }

  /** Whether a kind is namespaced; undefined if the cluster does not have it. */
  async namespaced(reference: Pick<ObjectReference, "apiVersion" | "kind">): Promise<boolean | undefined> {
    return (await this.#kind(reference))?.namespaced;
  }

  /** Server-side apply with strict field validation; a dry run includes admission but stores nothing. */
  async apply(object: JsonObject, reference: ObjectReference, options: ApplyOptions): Promise<JsonObject> {
    const query = {
      fieldManager: options.fieldManager,
      fieldValidation: "Strict",
      force: String(options.force ?? false),
      ...(options.dryRun && { dryRun: "All" }),
    };
    const path = await this.#path(reference);
    const { body } = await this.#connection.call("PATCH", path, {
      query,
      body: object,
      contentType: "application/apply-patch+yaml", // JSON is YAML
      signal: options.signal,
      onWarning: options.onWarning,
    });
    return body as JsonObject;
  }

  /** Replaces the managed fields of an object. */
  async replaceManagers(reference: ObjectReference, managedFields: JsonObject[]): Promise<void> {
    await this.#connection.call("PATCH", await this.#path(reference), {
      body: [{ op: "replace", path: "/metadata/managedFields", value: managedFields }],
      contentType: "application/json-patch+json",
    });
  }

  async get(reference: ObjectReference, signal?: AbortSignal): Promise<JsonObject | undefined> {
    try {
      const { body } = await this.#connection.call("GET", await this.#path(reference), { signal });
      return body as JsonObject;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Deletes exactly this object, not another one of the same name. Succeeds if it is gone. */
  async delete(
    reference: ObjectReference,
    options: { uid?: string | undefined; propagation: string; signal?: AbortSignal },
  ): Promise<void> {
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: options.propagation,
      ...(options.uid !== undefined && { preconditions: { uid: options.uid } }),
    };
    try {
      await this.#connection.call("DELETE", await this.#path(reference), { body, signal: options.signal });
    } catch (error) {
      const otherObject = error instanceof ApiError && error.code === 409 && /uid/i.test(error.message);
      if (!isNotFound(error) && !otherObject) throw error;
    }
  }

  /** Watches one object from a resource version, for at most `seconds`. */
  async *watch(
    reference: ObjectReference,
    resourceVersion: string,
    seconds: number,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent> {
    const collection = (await this.#path(reference)).replace(/\/[^/]+$/, "");
    const query = {
      watch: "true",
      fieldSelector: `metadata.name=${reference.name}`,
      resourceVersion,
      timeoutSeconds: String(seconds),
    };
    for await (const event of this.#connection.lines(collection, query, signal)) {
      if (isObject(event) && isObject(event.object)) yield { type: String(event.type), object: event.object };
    }
  }

  /** Lists core objects, e.g. pods or events, of a namespace. */
  async list(plural: string, namespace: string, query: Record<string, string>): Promise<JsonObject[]> {
    const { body } = await this.#connection.call("GET", `/api/v1/namespaces/${namespace}/${plural}`, { query });
    const items = isObject(body) && Array.isArray(body.items) ? body.items : [];
    return items.filter(isObject);
  }

  /** Last lines of a container's log. */
  log(namespace: string, pod: string, container: string, lines: number): Promise<string> {
    return this.#connection.text(`/api/v1/namespaces/${namespace}/pods/${pod}/log`, {
      container,
      tailLines: String(lines),
    });
  }

  async #path(reference: ObjectReference): Promise<string> {
    const kind = await this.#kind(reference);
    if (!kind) throw new UnknownKind(reference);
    const namespace = kind.namespaced ? `/namespaces/${reference.namespace ?? this.defaultNamespace}` : "";
    return `${root(reference.apiVersion)}${namespace}/${kind.plural}/${encodeURIComponent(reference.name)}`;
  }

  /** Discovered once per API version; again for a missing kind, since its CRD may be new. */
  async #kind({ apiVersion, kind }: Pick<ObjectReference, "apiVersion" | "kind">): Promise<ResourceKind | undefined> {
    const known = this.#kinds.get(apiVersion);
    const found = (await known)?.get(kind);
    if (found) return found;
    if (this.#kinds.get(apiVersion) === known) this.#kinds.set(apiVersion, this.#discover(apiVersion));
    return (await this.#kinds.get(apiVersion))?.get(kind);
  }

  async #discover(apiVersion: string): Promise<Map<string, ResourceKind>> {
    const kinds = new Map<string, ResourceKind>();
    try {
      const { body } = await this.#connection.call("GET", root(apiVersion));
      const resources = isObject(body) && Array.isArray(body.resources) ? body.resources.filter(isObject) : [];
      for (const { name, kind, namespaced } of resources) {
        if (typeof name === "string" && !name.includes("/"))
          kinds.set(String(kind), { plural: name, namespaced: namespaced === true });
      }
    } catch (error) {
      this.#kinds.delete(apiVersion);
      if (!isNotFound(error)) throw error;
    }
    return kinds;
  }
}

const root = (apiVersion: string): string => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

/** The cluster does not have the kind; its CRD may be missing. */
export class UnknownKind extends Error {
  constructor({ apiVersion, kind }: ObjectReference) {
    super(`the cluster has no kind ${kind} in ${apiVersion}; install its CustomResourceDefinition`);
    this.name = "UnknownKind";
  }
}
