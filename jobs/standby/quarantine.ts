/**
 * Quarantine of recovery points whose content turned out invalid only after some of it had been written. Each attempt
 * costs the newest generation, so they are recorded in the continuity database: a promotion runs in another process and
 * must not repeat the attempt.
 */
import type { Value } from "../wire/cbor.ts";
import type { Database } from "../database/client.ts";
import { continuityDatabase } from "../database/state.ts";

export interface QuarantinedPoint {
  /** Key of the manifest. */
  key: string;
  /** ETags of manifest and parts: a repaired recovery point may be tried again. */
  version: string;
  reason: string;
}

export async function quarantinePoint(server: Database, { key, version, reason }: QuarantinedPoint): Promise<void> {
  const variables = { key, content: JSON.stringify({ key, version, reason }) };
  await continuityDatabase(server).query(
    "UPSERT type::record('spoiler', $key) CONTENT { content: $content } RETURN NONE",
    variables,
  );
}

export async function listQuarantined(server: Database): Promise<QuarantinedPoint[]> {
  const continuity = continuityDatabase(server);
  await continuity.query("DEFINE TABLE IF NOT EXISTS spoiler SCHEMALESS");
  const [rows] = await continuity.query("SELECT VALUE content FROM spoiler");
  return (rows as Value[]).map((content) => JSON.parse(String(content)) as QuarantinedPoint);
}
