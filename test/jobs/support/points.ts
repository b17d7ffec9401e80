/** Recovery points of a test database in an in-memory bucket, built from the same parts as by the export jobs. */
import { keyedAccesses } from "../../../jobs/database/accesses.ts";
import type { Database } from "../../../jobs/database/client.ts";
import { namesWithoutFeed, readDefinitions } from "../../../jobs/database/definitions.ts";
import { readFeed } from "../../../jobs/database/feed.ts";
import { readSequences } from "../../../jobs/database/sequences.ts";
import { databaseNow, positionOf } from "../../../jobs/database/time.ts";
import { encodeFrame, FinalStates } from "../../../jobs/points/changes.ts";
import type { ChangesManifest, FullManifest } from "../../../jobs/points/manifest.ts";
import { writePart } from "../../../jobs/points/parts.ts";
import { pointPrefix } from "../../../jobs/points/store.ts";
import { summarize, totalRows } from "../../../jobs/points/summary.ts";
import type { MemoryStore } from "./memory-store.ts";

const fullSlot = "20261123T100000Z";

/** A full recovery point; `change` may corrupt the text. */
export async function makeFull(
  database: Database,
  store: MemoryStore,
  change: (text: string) => string = (text) => text,
  slot = fullSlot,
): Promise<FullManifest> {
  const definitions = await readDefinitions(database);
  const sequences = await readSequences(database, definitions);
  const snapshotAt = await databaseNow(database);
  const pieces: Buffer[] = [];
  for await (const piece of await database.export()) pieces.push(piece);
  const text = Buffer.concat(pieces);
  const summary = await summarize(streamOf(text));
  const part = await writePart(store, pointPrefix("full", slot), streamOf(Buffer.from(change(text.toString()))), 3);
  const tables: FullManifest["tables"] = {};
  for (const [name, table] of Object.entries(summary.tables)) {
    const facts = definitions.tables[name];
    tables[name] = { ...table, feed: facts?.feedSeconds !== undefined, view: facts?.view ?? false };
  }
  return {
    ...common(database),
    kind: "full",
    slot,
    parent: null,
    snapshotAt: snapshotAt.toISOString(),
    feedPosition: String(positionOf(snapshotAt)),
    parts: [part],
    rows: totalRows(tables),
    tables,
    tablesWithoutFeed: namesWithoutFeed(definitions),
    definitions: { digest: definitions.digest, sections: summary.sections, leftOut: definitions.leftOut },
    accesses: Object.keys(definitions.accesses),
    keyedAccesses: keyedAccesses(definitions.accesses),
    sequences,
  };
}

/** A change recovery point with everything in the changefeed since a position. */
export async function makeChanges(
  database: Database,
  store: MemoryStore,
  { from = 0n, slot = "20261123T101000Z" } = {},
): Promise<ChangesManifest> {
  const definitions = await readDefinitions(database);
  const states = new FinalStates(Object.keys(definitions.tables));
  const frames: Buffer[] = [];
  let [changes, last] = [0, from];
  for await (const changeset of readFeed(database, from, { pageSize: 1000 })) {
    states.add(changeset);
    changes += changeset.changes.length;
    last = changeset.versionstamp;
    frames.push(encodeFrame(changeset));
  }
  const part = await writePart(store, pointPrefix("changes", slot), streamOf(...frames), 3);
  return {
    ...common(database),
    kind: "changes",
    slot,
    full: fullSlot,
    parent: { kind: "full", slot: fullSlot },
    snapshotAt: new Date().toISOString(),
    fromVersionstamp: String(from),
    toVersionstamp: String(last),
    definitionsDigest: definitions.digest,
    restoredDefinitionsDigest: definitions.restoredDigest,
    parts: [part],
    changesets: frames.length,
    changes,
    tables: states.tables(),
    tablesWithoutFeed: namesWithoutFeed(definitions),
    sequences: {},
  };
}

const common = (database: Database) => ({
  format: 1 as const,
  finishedAt: new Date().toISOString(),
  database: { namespace: "test", name: database.name, version: "3" },
  writer: { site: "primary" as const, epoch: 1 },
  encryption: { algorithm: "none" },
});

async function* streamOf(...pieces: Buffer[]): AsyncIterable<Buffer> {
  yield* pieces;
}
