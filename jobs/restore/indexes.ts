/**
 * Temporarily drops unique indexes while records exchange their values. Their definitions are recorded in the
 * continuity database first, so that the run after a killed one restores them. Removing and defining them in the
 * transaction of the change would not need this, but leaves the engine with an index of the previous values.
 */
import type { Value } from "../wire/cbor.ts";
import { identifier, type Database } from "../database/client.ts";
import type { Definitions } from "../database/definitions.ts";
import { continuityDatabase } from "../database/state.ts";

const note = "type::record('aside', $name)";

/** Runs work with the unique indexes of some tables dropped. */
export async function withoutUniqueIndexes(
  target: Database,
  definitions: Definitions,
  tables: string[],
  work: () => Promise<void>,
): Promise<void> {
  const unique = tables.flatMap((table) =>
    Object.entries(definitions.tables[table]?.indexes ?? {}).flatMap(([name, sql]) =>
      / UNIQUE/.test(sql) ? [{ remove: `REMOVE INDEX ${identifier(name)} ON ${identifier(table)};`, define: sql }] : [],
    ),
  );
  const noted = await readDroppedIndexes(target);
  await target.other("").query(`DEFINE DATABASE IF NOT EXISTS ${identifier(continuityDatabase(target).name)}`);
  await continuityDatabase(target).query(`UPSERT ${note} CONTENT { indexes: $indexes } RETURN NONE`, {
    name: target.name,
    indexes: [...noted, ...unique.map(({ define }) => define)],
  });
  await target.query(unique.map(({ remove }) => remove).join(" "));
  await work();
  await restoreIndexes(target);
}

/** Definitions of indexes that have been dropped and not restored, e.g. by a killed run. */
export async function readDroppedIndexes(target: Database): Promise<string[]> {
  const [found] = await continuityDatabase(target).attempt(`SELECT VALUE indexes FROM ${note}`, { name: target.name });
  const [indexes] = found?.ok ? (found.value as Value[][]) : [];
  return (indexes ?? []).map(String);
}

/** Restores the dropped indexes, then deletes the record. */
export async function restoreIndexes(target: Database): Promise<void> {
  const indexes = await readDroppedIndexes(target);
  if (indexes.length === 0) return;
  // IF NOT EXISTS: a previous run may have been killed before it deleted the record.
  const sql = indexes.map((define) => `${define.replace(/^DEFINE INDEX /, "DEFINE INDEX IF NOT EXISTS ")};`);
  await target.query(`OPTION IMPORT; ${sql.join(" ")}`);
  await continuityDatabase(target).query(`DELETE ${note} RETURN NONE`, { name: target.name });
}
