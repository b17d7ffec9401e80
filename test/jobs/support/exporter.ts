/** The active site's export for fast tests: a database of a real engine, a bucket in memory, no AWS. */
import type { Database } from "../../../jobs/database/client.ts";
import type { ExportSource } from "../../../jobs/export/context.ts";
import type { JobContext } from "../../../jobs/result.ts";
import { readSettings, type Settings } from "../../../jobs/settings.ts";
import { stopEngine } from "./engine.ts";
import { MemoryStore } from "./memory-store.ts";

export interface Exporter {
  source: ExportSource;
  store: MemoryStore;
  settings: Settings<"export-changes">;
  context: JobContext;
  /** What the job logged. */
  lines: string[];
}

/** An unreachable endpoint: a metric that cannot be published must not stop an export. */
const nobody = { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };

const before: Record<string, string | undefined> = {};

/** Stops the engine and restores the environment. */
export async function stopExporters(): Promise<void> {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
    delete before[name];
  }
  await stopEngine();
}

export function makeExporter(database: Database, changed: NodeJS.ProcessEnv = {}): Exporter {
  for (const name of Object.keys(nobody)) if (!(name in before)) before[name] = process.env[name];
  Object.assign(process.env, nobody);
  const settings = readSettings("export-changes", { ...environmentOf(database), ...changed });
  const store = new MemoryStore();
  const lines: string[] = [];
  const context = { signal: new AbortController().signal, log: (line: string) => void lines.push(line) };
  const state = { database: database.name, ready: true, reason: "", epoch: 1 };
  return { source: { database, store: store, state, writer: undefined }, store, settings, context, lines };
}

const environmentOf = ({ address }: Database): NodeJS.ProcessEnv => ({
  SITE: "primary",
  SITE_ROLE: "active",
  AWS_REGION: "eu-west-1",
  APPLICATION: "vapora-test",
  AWS_TIMEOUT_SECONDS: "1",
  DATABASE_URL: address.url,
  DATABASE_NAMESPACE: address.namespace,
  DATABASE_USERNAME: address.username,
  DATABASE_PASSWORD: address.password,
  BUCKET: "memory",
  BUCKET_REGION: "eu-west-1",
});
