/** The object that the API server is sent, made from a resource's inputs. */
import type { ProviderCall } from "../provider.ts";
import { isObject, plain, plainObject, type JsonObject, type Properties } from "../values.ts";
import type { Cluster } from "./cluster.ts";
import { metadataOf } from "./objects.ts";

/** Unwrapped, in the provider's default namespace where it names none. */
export async function desiredObject(cluster: Cluster, call: ProviderCall, inputs: Properties): Promise<JsonObject> {
  const object = withoutStringData(plainObject(inputs));
  const { namespace } = call.config;
  const metadata = metadataOf(object);
  if (typeof namespace !== "string" || namespace === "" || metadata.namespace !== undefined) return object;
  const kind = { apiVersion: String(object.apiVersion), kind: String(object.kind) };
  return (await cluster.namespaced(kind)) ? { ...object, metadata: { ...metadata, namespace } } : object;
}

/**
 * A Secret's `stringData` is sent as `data`: the server never forgets a key that
 * once came through `stringData`, because nobody owns it then.
 */
function withoutStringData(object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  if (object.kind !== "Secret" || !isObject(stringData)) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(plain(value))).toString("base64"),
  ]);
  return { ...rest, data: { ...(isObject(rest.data) ? rest.data : {}), ...Object.fromEntries(encoded) } };
}
