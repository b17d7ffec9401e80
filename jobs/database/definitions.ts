/** What a database says about itself: tables, their feeds and kinds, and a digest over every definition. */
import { digestOf } from "../points/summary.ts";
import { encode, Tagged, type Fields, type Value } from "./cbor.ts";
import { identifier, type Database } from "./client.ts";

export interface TableFacts {
  /** The statement that defines it. */
  definition: string;
  /** How long its changes are kept; undefined: it has no changefeed. */
  feedSeconds: number | undefined;
  /** Edges of a graph need a statement of their own. */
  relation: boolean;
  /** Derived from other tables by the database itself. */
  view: boolean;
  /** The query that a view is derived by; undefined: it is no view. */
  query: string | undefined;
  /** Fields whose value is worked out on reading and never stored. */
  computedFields: string[];
  /** Views that are derived from this table. */
  views: string[];
  /** Defining statements of its indexes, by name. */
  indexes: Record<string, string>;
}

export interface Definitions {
  tables: Record<string, TableFacts>;
  /** Defining statements, by name; keys of accesses appear as `[REDACTED]`. */
  accesses: Record<string, string>;
  sequences: Record<string, string>;
  /** Statements for what an export leaves out. */
  leftOut: string[];
  /** Over everything above and all other definitions. */
  digest: string;
  /** The same without the numbers at which sequences start: a restored database starts them further on. */
  restoredDigest: string;
}

/** Kinds that the engine's export does not write. */
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

/** Seconds for which every feed still has its changes; undefined: no table has a feed. */
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
