/**
 * A database server in a separate process, as in pods: the embedded engine releases its storage only when its process
 * ends, and a native crash must not end the tests.
 */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ExportFault } from "../../../drill/images/index.ts";
import { spawnTied, type Run } from "@vapora-continuity/local-cloud/run";

const program = fileURLToPath(new URL("../../../drill/images/surrealdb/main.ts", import.meta.url));
const startSeconds = 20;

export interface ServedDatabase {
  /** Base URL. */
  readonly url: string;
  /** Enables or disables export faults. */
  fail(fault: ExportFault | undefined): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on the storage at `url`, e.g. `rocksdb:/path`; its root user is `root`. */
export async function serveDatabase(run: Run, label: string, url: string, password: string): Promise<ServedDatabase> {
  const server = spawnTied(process.execPath, [program, "start", "--bind", "127.0.0.1:0", url], {
    run,
    label: `database-${label}`,
    env: { ...process.env, SURREAL_USER: "root", SURREAL_PASS: password },
  });
  const lines = createInterface({ input: server.stdout });
  const address = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`the database did not respond within ${startSeconds} s`)),
      startSeconds * 1000,
    );
    lines.on("line", (line) => {
      const found = /Started web server on (\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    void server.exited.then(() => reject(new Error(`the database ended:\n${server.logTail()}`)), reject);
    void server.exited.finally(() => clearTimeout(late)).catch(() => undefined);
  });
  const base = `http://${address}`;
  return {
    url: base,
    async fail(fault) {
      const authorization = `Basic ${Buffer.from(`root:${password}`).toString("base64")}`;
      const body = JSON.stringify({ export: fault });
      const answer = await fetch(`${base}/local/faults`, { method: "PUT", headers: { authorization }, body });
      if (!answer.ok) throw new Error(`fault ${fault}: ${answer.status} ${await answer.text()}`);
    },
    stop: () => server.stop(),
  };
}
