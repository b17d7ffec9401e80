/**
 * Views of a restored database. The engine does not maintain them during an import, so they are rebuilt, and compared
 * with their query: a run may have been killed before the rebuild.
 */
import { encode, Float, Tagged, type Fields, type Value } from "../wire/cbor.ts";
import { identifier, type Database } from "../database/client.ts";
import type { Definitions } from "../database/definitions.ts";

/**
 * Maximum number of rows whose content is compared; of larger views, which would not fit into memory, only the row
 * count is.
 */
const comparedRows = 20_000;

/** Views that depend on any of the tables, in dependency order. */
export function viewsOf(definitions: Definitions, tables: Iterable<string>): string[] {
  const views = new Set<string>();
  const visit = (table: string) => {
    for (const view of definitions.tables[table]?.views ?? []) {
      views.delete(view);
      views.add(view);
      visit(view);
    }
  };
  for (const table of tables) visit(table);
  return [...views];
}

/** Rebuilds views: redefining a view populates it. */
export async function rebuildViews(target: Database, definitions: Definitions, views: string[]): Promise<void> {
  for (const name of views) {
    const definition = definitions.tables[name]?.definition ?? "";
    await target.query(`OPTION IMPORT; DELETE ${identifier(name)} RETURN NONE;`);
    await target.query(definition.replace(/^DEFINE TABLE /, "DEFINE TABLE OVERWRITE "));
  }
}

/**
 * Compares views with their queries: `different` views do not match, `unsure` ones are too large to compare their
 * content.
 */
export async function compareViews(
  target: Database,
  definitions: Definitions,
  views: string[],
): Promise<{ different: string[]; unsure: string[] }> {
  const result = { different: [] as string[], unsure: [] as string[] };
  for (const name of views) {
    const query = definitions.tables[name]?.query ?? "";
    const [have, want] = [await countOf(target, identifier(name)), await countOf(target, `(${query})`)];
    if (have !== want) result.different.push(name);
    else if (want > comparedRows) result.unsure.push(name);
    else if (!(await hasContent(target, identifier(name), `(${query})`))) result.different.push(name);
  }
  return result;
}

async function countOf(target: Database, source: string): Promise<number> {
  const [answer] = (await target.query(`SELECT count() FROM ${source} GROUP ALL`)) as { count?: number }[][];
  return Number(answer?.[0]?.count ?? 0);
}

async function hasContent(target: Database, table: string, query: string): Promise<boolean> {
  // Rows of a view have separate ids.
  const read = async (source: string): Promise<Fields[]> => {
    const [rows] = await target.query(`SELECT * OMIT id FROM ${source}`);
    return rows as Fields[];
  };
  const want = await read(query);
  if (sameRows(await read(table), want)) return true;
  // A query that depends on time or randomness returns different rows each time; then the row count must suffice.
  return !sameRows(await read(query), want);
}

/** Whether two lists contain the same rows in any order; the last digits of a sum depend on the order of addition. */
export function sameRows(a: Fields[], b: Fields[]): boolean {
  if (a.length !== b.length) return false;
  const [left, right] = [sorted(a), sorted(b)];
  return left.every((row, index) => {
    const other = right[index];
    return row.rest === other?.rest && row.floats.every((value, at) => isClose(value, other.floats[at] ?? Number.NaN));
  });
}

interface Row {
  /** Everything but the floats. */
  rest: string;
  floats: number[];
}

function sorted(rows: Fields[]): Row[] {
  return rows.map(split).toSorted((a, b) => {
    if (a.rest !== b.rest) return a.rest < b.rest ? -1 : 1;
    const at = a.floats.findIndex((value, index) => !isClose(value, b.floats[index] ?? Number.NaN));
    return at < 0 ? 0 : (a.floats[at] ?? 0) - (b.floats[at] ?? 0);
  });
}

function split(row: Fields): Row {
  const floats: number[] = [];
  const without = (value: Value): Value => {
    const float = value instanceof Float ? value.value : value;
    if (typeof float === "number" && (value instanceof Float || !Number.isInteger(float))) {
      floats.push(float);
      return "float";
    }
    if (Array.isArray(value)) return value.map(without);
    if (typeof value !== "object" || value === null || value instanceof Tagged || value instanceof Uint8Array)
      return value;
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(fields.map(([name, field]) => [name, without(field)]));
  };
  return { rest: encode(without(row)).toString("base64"), floats };
}

const isClose = (a: number, b: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
