/** A minimal API server: records requests; tests supply the responses. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { JsonObject, Properties } from "../../../providers/values.ts";

export interface Asked {
  method: string;
  path: string;
  query: Record<string, string>;
  body: JsonObject | undefined;
}

export interface Answer {
  code?: number;
  body: JsonObject;
  headers?: Record<string, string>;
  /** Lines of a watch, sent after the body of none. */
  events?: JsonObject[];
}

export interface FakeApiServer {
  asked: Asked[];
  /** Arguments of a provider instance for this server. */
  config: Properties;
  /** Calls about objects only, as `METHOD path`. */
  calls(): string[];
  stop(): Promise<void>;
}

const discovery: Record<string, JsonObject> = {
  "/api/v1": {
    resources: [
      kind("ConfigMap", "configmaps"),
      kind("Secret", "secrets"),
      kind("Service", "services"),
      kind("Namespace", "namespaces", false),
      kind("Pod", "pods"),
    ],
  },
  "/apis/apps/v1": {
    resources: [
      kind("Deployment", "deployments"),
      { name: "deployments/status", kind: "Deployment", namespaced: true },
      { name: "deployments/scale", kind: "Scale", namespaced: true },
    ],
  },
};

function kind(name: string, plural: string, namespaced = true): JsonObject {
  return { kind: name, name: plural, namespaced };
}

export const refusal = (code: number, message: string, causes: { field: string; message: string }[] = []): Answer => ({
  code,
  body: { kind: "Status", status: "Failure", message, details: { causes: causes.map((cause) => ({ ...cause })) } },
});

/** `answer` gets every call that is not discovery; 404 where it has no answer. */
export async function startFakeApiServer(
  answer: (asked: Asked) => Answer | "hang" | undefined,
): Promise<FakeApiServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => void respond(request, response, asked, answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asked,
    config: { kubeconfig: kubeconfigFor(url) },
    calls: () => asked.filter(({ path }) => !(path in discovery)).map(({ method, path }) => `${method} ${path}`),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const kubeconfigFor = (server: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "fake", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "tester", user: { token: "t" } }],
    contexts: [{ name: "fake", context: { cluster: "fake", user: "tester", namespace: "default" } }],
    "current-context": "fake",
  });

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked[],
  answer: (asked: Asked) => Answer | "hang" | undefined,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://fake");
  const body = await text(request);
  const one = {
    method: request.method ?? "",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    body: body === "" ? undefined : (JSON.parse(body) as JsonObject),
  };
  asked.push(one);
  const known = discovery[one.path];
  const reply = known ? { body: known } : (answer(one) ?? refusal(404, `${one.path} not found`));
  if (reply === "hang") return;
  response.writeHead(reply.code ?? 200, { "content-type": "application/json", ...reply.headers });
  if (reply.events) response.end(reply.events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  else response.end(JSON.stringify(reply.body));
}
