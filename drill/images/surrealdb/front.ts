/**
 * A SurrealDB server for machines without the official binary: the real engine behind a local network layer.
 *
 * Real: storage (RocksDB), queries, transactions, permissions, root, namespace and database users, JWT accesses,
 * exports. Reimplemented: HTTP and WebSocket. Relevant differences: an export is one string before its first byte is
 * sent (about 512 MiB at most) and exports are queued; live queries are not delivered; naming a missing namespace or
 * database in a request creates it, as `use` does.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { encode } from "../wire/cbor.ts";
import { openEngine, unwrap } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { createHandler } from "./http.ts";
import type { Faults } from "./http.ts";
import { serveWebSockets } from "./websocket.ts";

export type { ExportFault } from "./export-faults.ts";

export interface FrontOptions {
  /**
   * Storage: `rocksdb:<path>` or `mem://`. The engine releases a path only when its process ends; to reopen it, stop
   * the server and use another process.
   * @default "mem://" (whose exports are not consistent under concurrent writes)
   */
  url?: string;
  /** @default "127.0.0.1" */
  host?: string;
  /** @default a free one */
  port?: number;
  /**
   * Root user, created only in a storage without one, as the server does.
   * @default "root"
   */
  user?: string;
  /** @default "root" */
  pass?: string;
  /** Initial faults; the caller may change the object later. @default none */
  faults?: Faults;
  /** @default 20 */
  openTimeoutSeconds?: number;
}

export interface Front {
  readonly host: string;
  readonly port: number;
  /** `http://host:port` */
  readonly url: string;
  readonly faults: Faults;
  /** Closes all connections; acknowledged writes are stored. */
  stop(): Promise<void>;
}

async function createRoot(engine: Engine, user: string, pass: string): Promise<void> {
  const ask = async (sql: string, variables = {}): Promise<{ status: string; result: unknown }[]> =>
    unwrap(await engine.call("query", encode([sql, variables]))) as { status: string; result: unknown }[];
  const [info] = await ask("INFO FOR ROOT");
  const users = (info?.result as { users?: object } | undefined)?.users;
  if (users === undefined) throw new Error(`cannot read the root users: ${String(info?.result)}`);
  if (Object.keys(users).length > 0) return;
  const name = `\`${user.replaceAll(/[\\`]/g, "\\$&")}\``;
  const [made] = await ask(`DEFINE USER ${name} ON ROOT PASSWORD ${JSON.stringify(pass)} ROLES OWNER`);
  if (made?.status !== "OK") throw new Error(`cannot create the root user ${user}: ${String(made?.result)}`);
}

/** Starts a server; resolves when it is listening. */
export async function startFront(options: FrontOptions = {}): Promise<Front> {
  const { url = "mem://", host = "127.0.0.1", port = 0, user = "root", pass = "root", faults = {} } = options;
  const engine = await openEngine(url, options.openTimeoutSeconds ?? 20);
  await createRoot(engine, user, pass);
  const version = String(unwrap(await engine.call("version", undefined)));
  const http = createServer(createHandler({ engine, faults, version }));
  http.keepAliveTimeout = 60_000;
  const endSockets = serveWebSockets(http, engine);
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, () => resolve());
  });
  const taken = (http.address() as AddressInfo).port;
  return {
    host,
    port: taken,
    url: `http://${host}:${taken}`,
    faults,
    stop: async () => {
      endSockets();
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      await closed;
      await engine.close();
    },
  };
}
