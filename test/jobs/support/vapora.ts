/** A database like VAPORA's: changefeeds, indexes, edges, a sequence, an access, a table without a changefeed. */
import type { Database } from "../../../jobs/database/client.ts";
import { accountKey } from "./stage.ts";

const schema = `
DEFINE TABLE ledger SCHEMAFULL CHANGEFEED 7d; DEFINE FIELD n ON ledger TYPE int; DEFINE FIELD at ON ledger TYPE datetime;
DEFINE FIELD payload ON ledger TYPE string; DEFINE INDEX ledger_n ON ledger FIELDS n UNIQUE;
DEFINE TABLE project SCHEMALESS CHANGEFEED 7d; DEFINE INDEX project_name ON project FIELDS name UNIQUE;
DEFINE TABLE task SCHEMALESS CHANGEFEED 7d; DEFINE FIELD twice ON task COMPUTED size * 2;
DEFINE TABLE owns TYPE RELATION IN project OUT task CHANGEFEED 7d;
DEFINE TABLE account SCHEMALESS CHANGEFEED 7d;
DEFINE TABLE audit SCHEMALESS;
DEFINE TABLE agent SCHEMALESS CHANGEFEED 7d;
DEFINE TABLE accounts_by_name AS SELECT count() AS accounts, name FROM account GROUP BY name;
DEFINE SEQUENCE ticket BATCH 10 START 1;
DEFINE FUNCTION fn::double($n: int) { RETURN $n * 2; };
DEFINE FUNCTION fn::line($text: string) { RETURN $text + '\\n-- TABLE: none'; };
DEFINE PARAM $limit VALUE 100;
DEFINE EVENT audited ON project WHEN $event = 'CREATE' THEN (CREATE audit SET what = $after.id);
DEFINE ACCESS account ON DATABASE TYPE RECORD SIGNIN (SELECT * FROM account WHERE name = $name)
  WITH JWT ALGORITHM HS512 KEY '${accountKey}' WITH ISSUER KEY '${accountKey}' DURATION FOR TOKEN 1h;
`;

/** Schema, sample data, and the given number of ledger rows. */
export async function fill(database: Database, rows: number): Promise<void> {
  await database.other("").query(`DEFINE DATABASE IF NOT EXISTS ${database.name}`);
  await database.query(schema);
  await database.query(`
    CREATE project:one SET name = 'One', score = 1f, tricky = 'a\\nb { [ \\' \` \\u2028 é', id2 = 7;
    CREATE project:two SET name = 'Two', score = 2.5dec, nested = { list: [1, 1f, -3, { deep: NONE }], none: NULL };
    CREATE task:1 SET size = 3, due = d'2026-01-01T00:00:00.123456789Z', took = 3h5m, tag = rand::uuid();
    CREATE task:['a', 2] SET size = 3, raw = <bytes>"x'y", where = (1.5, 2.5), project = project:one;
    RELATE project:one->owns->task:1 SET weight = 1f; RELATE project:two->owns->task:['a', 2];
    CREATE account:ada SET name = 'ada'; CREATE audit:first SET what = 'start'; RETURN sequence::nextval('ticket');`);
  for (let from = 1; from <= rows; from += 1000) {
    const count = Math.min(1000, rows - from + 1);
    await database.query(`INSERT INTO ledger (SELECT VALUE { id: type::record('ledger', $this), n: $this,
      at: time::now(), payload: 'entry ' + <string>$this + ' of the ledger, as long as an entry of the service usually is' }
      FROM array::range(${from}, ${from + count})) RETURN NONE`);
  }
}
