/** A fake API server that keeps objects: apply, get and delete, each with its dry run; enough for the provider contract. */
import type { JsonObject, Json } from "../../../providers/values.ts";
import { refusal, startFakeApiServer, type Answer, type Asked, type FakeApiServer } from "./fake-api-server.ts";

export interface MemoryApiServer extends FakeApiServer {
  /** Requests that changed an object or tried to. */
  writes(): number;
}

const isName = (name: Json | undefined): boolean =>
  typeof name === "string" && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name);

export async function startMemoryApiServer(): Promise<MemoryApiServer> {
  const objects = new Map<string, JsonObject>();
  let versions = 0;

  const apply = ({ path, query, body = {} }: Asked): Answer => {
    const metadata = (body.metadata ?? {}) as JsonObject;
    if (!isName(metadata.name)) return refusal(422, "metadata.name: Invalid value");
    const old = objects.get(path);
    const selector = (object: JsonObject | undefined): string => JSON.stringify((object?.spec as JsonObject)?.selector);
    if (old && body.kind === "Deployment" && selector(old) !== selector(body))
      return refusal(422, "is invalid", [{ field: "spec.selector", message: "Invalid value: {}: field is immutable" }]);
    const generation = Number((old?.metadata as JsonObject | undefined)?.generation ?? 0) + 1;
    const uid = (old?.metadata as JsonObject | undefined)?.uid ?? `uid-${++versions}`;
    const applied: JsonObject = {
      ...body,
      metadata: { ...metadata, uid, generation, resourceVersion: String(++versions) },
      ...(body.kind === "Deployment" && { status: { observedGeneration: generation } }),
    };
    if (query["dryRun"] === undefined) objects.set(path, applied);
    return { body: applied };
  };

  const answer = (asked: Asked): Answer | undefined => {
    if (asked.method === "PATCH") return apply(asked);
    if (asked.query["watch"]) return { body: {}, events: [] };
    const found = objects.get(asked.path);
    if (asked.method === "DELETE") objects.delete(asked.path);
    return found && { body: found };
  };

  const server = await startFakeApiServer(answer);
  const isWrite = ({ method, query }: Asked): boolean => method !== "GET" && query["dryRun"] === undefined;
  return { ...server, writes: () => server.asked.filter(isWrite).length };
}
