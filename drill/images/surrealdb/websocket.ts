/** WebSocket endpoint of the server: `/rpc` in CBOR, with the SDK's sessions and transactions. */
import type { Server } from "node:http";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { decode, encode, joinMap, splitMap } from "../wire/cbor.ts";
import type { Engine } from "./engine.ts";
import { Sessions } from "./sessions.ts";

const maxMessageBytes = 128 * 1024 * 1024;

async function answer(sessions: Sessions, bytes: Uint8Array): Promise<Uint8Array> {
  const message = splitMap(bytes);
  const [id, method] = [message.get("id"), decode(message.get("method") ?? encode(null))];
  const reply =
    typeof method === "string"
      ? await sessions.call(method, message.get("params"), message.get("session"), message.get("txn"))
      : { error: encode({ code: -32600, kind: "Validation", message: "The request names no method" }) };
  return joinMap([...(id ? [["id", id] as const] : []), ...Object.entries(reply)]);
}

function serve(socket: WebSocket, engine: Engine): void {
  const sessions = new Sessions(engine);
  const started = sessions.start();
  const broken = (): void => socket.terminate();
  socket.on("error", broken);
  socket.on("message", (data: Buffer) => {
    started
      .then(() => answer(sessions, data))
      .then((bytes) => socket.send(bytes))
      .catch(broken);
  });
  socket.on("close", () => {
    started.then(() => sessions.end()).catch(() => undefined);
  });
}

/** Attaches the protocol to an HTTP server; returns a function that closes all connections. */
export function serveWebSockets(http: Server, engine: Engine): () => void {
  const sockets = new WebSocketServer({
    server: http,
    path: "/rpc",
    maxPayload: maxMessageBytes,
    handleProtocols: (offered) => (offered.has("cbor") ? "cbor" : false),
  });
  sockets.on("connection", (socket) => serve(socket, engine));
  return () => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  };
}
