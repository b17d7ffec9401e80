/** A database's definitions: tables with their changefeeds and kinds, and a digest of all definitions. */
import { digestOf } from "../points/summary.ts";
import { encode, Tagged, type Fields, type Value } from "../wire/cbor.ts";
import { identifier, type Database } from "./client.ts";

interface TableFacts {
  /** Its DEFINE statement. */
  definition: string;
  /** Retention of its changefeed; undefined: it has none. */
  feedSeconds: number | undefined;
  /** Graph edges are written by a different statement. */
  relation: boolean;
  /** Maintained by the database from other tables. */
  view: boolean;
  /** The view's query; undefined: not a view. */
  query: string | undefined;
  /** Fields computed on read and never stored. */
  computedFields: string[];
  /** Views derived from this table. */
  views: string[];
  /** DEFINE statements of its indexes, by name. */
  indexes: Record<string, string>;
}

export interface Definitions {
  tables: Record<string, TableFacts>;
  /** DEFINE statements by name; keys appear as `[REDACTED]`. */
  accesses: Record<string, string>;
  sequences: Record<string, string>;
  /** DEFINE statements of what the engine's export omits. */
  leftOut: string[];
  /** Digest of all definitions. */
  digest: string;
  /** The same without the START values of sequences, which a restore raises. */
  restoredDigest: string;
}

/** Kinds omitted by the engine's export. */
const kindsLeftOut = ["apis", "buckets", "configs"] as const;

export async function readDefinitions(database: Database): Promise<Definitions> {
  const [info, structure] = (await database.query("INFO FOR DB; INFO FOR DB STRUCTURE;")) as [Fields, Fields];
  const names = Object.keys(info["tables"] as Fields).sort();
  const sql = names.map((name) => `INFO FOR TABLE ${identifier(name)};`).join(" ");
  const perTable = names.length > 0 ? ((await database.query(sql)) as Fields[]) : [];
  const tables: Definitions["tables"] = {};
  const digested: Fields = {};
  for (const [index, name] of names.entries()) {
    const { events = {}, fields = {}, indexes = {}, tables: views = {} } = perTable[index] ?? {};
    const facts = (structure["tables"] as Fields[]).find((table) => table["name"] === name) ?? {};
    tables[name] = {
      ...kindOf(facts),
      definition: statementsOf(info["tables"])[name] ?? "",
      computedFields: Object.entries(statementsOf(fields)).flatMap(([field, text]) =>
        / COMPUTED /.test(text) ? [field] : [],
      ),
      views: Object.keys(views as Fields),
      indexes: statementsOf(indexes),
    };
    digested[name] = { events, fields, indexes };
  }
  const sequences = statementsOf(info["sequences"]);
  const anyStart = Object.entries(sequences).map(([name, text]) => [name, text.replace(/ START -?\d+/, "")]);
  return {
    tables,
    accesses: statementsOf(info["accesses"]),
    sequences,
    leftOut: kindsLeftOut.flatMap((kind) => Object.values(statementsOf(info[kind]))),
    digest: digestOf(encode({ database: info, tables: digested })),
    restoredDigest: digestOf(
      encode({ database: { ...info, sequences: Object.fromEntries(anyStart) as Fields }, tables: digested }),
    ),
  };
}

export const namesWithoutFeed = (definitions: Definitions): string[] =>
  Object.entries(definitions.tables).flatMap(([name, { feedSeconds, view }]) => (feedSeconds || view ? [] : [name]));

/** The definitions without derived tables. */
export const withoutViews = (definitions: Definitions): Definitions => ({
  ...definitions,
  tables: Object.fromEntries(Object.entries(definitions.tables).filter(([, { view }]) => !view)),
});

/** Shortest retention of all changefeeds; undefined: no table has a changefeed. */
export function shortestFeedSeconds(definitions: Definitions): number | undefined {
  const all = Object.values(definitions.tables).flatMap(({ feedSeconds }) => feedSeconds ?? []);
  return all.length > 0 ? Math.min(...all) : undefined;
}

function kindOf(facts: Fields): Pick<TableFacts, "feedSeconds" | "relation" | "view" | "query"> {
  const feed = facts["changefeed"] as { expiry?: Value } | undefined;
  const expiry = feed?.expiry instanceof Tagged ? (feed.expiry.value as [number?]) : undefined;
  const kind = facts["kind"] as { kind?: string } | undefined;
  const view = typeof facts["view"] === "string" ? facts["view"].replace(/^AS /, "") : "";
  return {
    feedSeconds: expiry && Number(expiry[0] ?? 0),
    relation: kind?.kind === "RELATION",
    view: view !== "",
    query: view === "" ? undefined : view,
  };
}

const statementsOf = (value: Value): Record<string, string> =>
  Object.fromEntries(Object.entries((value ?? {}) as Fields).map(([name, text]) => [name, String(text)]));
