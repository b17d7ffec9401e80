/**
 * Unique indexes that stand aside while records exchange their values. Their definitions are noted beside the database
 * first, so that a run that is killed in between is followed by one that puts them back. Removing and defining them
 * in the transaction of the change would need no note, but leaves the engine with the index of the values before.
 */
import type { Value } from "../database/cbor.ts";
import { identifier, type Database } from "../database/client.ts";
import type { Definitions } from "../database/definitions.ts";
import { continuityDatabase } from "../database/state.ts";

const note = "type::record('aside', $name)";

/** Does the work while the unique indexes of some tables are away. */
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
  const noted = await readAside(target);
  await target.other("").query(`DEFINE DATABASE IF NOT EXISTS ${identifier(continuityDatabase(target).name)}`);
  await continuityDatabase(target).query(`UPSERT ${note} CONTENT { indexes: $indexes } RETURN NONE`, {
    name: target.name,
    indexes: [...noted, ...unique.map(({ define }) => define)],
  });
  await target.query(unique.map(({ remove }) => remove).join(" "));
  await work();
  await putIndexesBack(target);
}

/** Definitions of indexes that a killed run left aside. */
export async function readAside(target: Database): Promise<string[]> {
  const [found] = await continuityDatabase(target).attempt(`SELECT VALUE indexes FROM ${note}`, { name: target.name });
  const [indexes] = found?.ok ? (found.value as Value[][]) : [];
  return (indexes ?? []).map(String);
}

/** Defines what stands aside; the note goes when all are back. */
export async function putIndexesBack(target: Database): Promise<void> {
  const indexes = await readAside(target);
  if (indexes.length === 0) return;
  // Killed between an index and the end of the note, it is there already.
  const sql = indexes.map((define) => `${define.replace(/^DEFINE INDEX /, "DEFINE INDEX IF NOT EXISTS ")};`);
  await target.query(`OPTION IMPORT; ${sql.join(" ")}`);
  await continuityDatabase(target).query(`DELETE ${note} RETURN NONE`, { name: target.name });
}
