/** The object to apply, from a resource's inputs. */
import type { ProviderCall } from "../provider.ts";
import { isObject, plain, plainObject, type JsonObject, type Properties } from "../values.ts";
import type { Cluster } from "./cluster.ts";
import { metadataOf } from "./objects.ts";

/** Plain, with the provider instance's namespace if it has none. */
export async function desiredObject(cluster: Cluster, call: ProviderCall, inputs: Properties): Promise<JsonObject> {
  const object = withoutStringData(plainObject(inputs));
  const { namespace } = call.config;
  const metadata = metadataOf(object);
  if (typeof namespace !== "string" || namespace === "" || metadata.namespace !== undefined) return object;
  const kind = { apiVersion: String(object.apiVersion), kind: String(object.kind) };
  return (await cluster.namespaced(kind)) ? { ...object, metadata: { ...metadata, namespace } } : object;
}

/** Sends a Secret's `stringData` as `data`: keys applied through `stringData` have no owner and are never removed. */
function withoutStringData(object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  if (object.kind !== "Secret" || !isObject(stringData)) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(plain(value))).toString("base64"),
  ]);
  return { ...rest, data: { ...(isObject(rest.data) ? rest.data : {}), ...Object.fromEntries(encoded) } };
}
