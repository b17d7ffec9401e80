/**
 * VAPORA's database. Every table has a changefeed, so that changes between two full exports are protected too.
 *
 * Each statement is a no-op if its object exists, so a restored database is not modified.
 */
const changefeed = "CHANGEFEED 7d";
const readable = 'PERMISSIONS FOR select WHERE $access = "account", FOR create, update, delete NONE';
const appendable = 'PERMISSIONS FOR select, create WHERE $access = "account", FOR update, delete NONE';

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, "\\$&")}'`;

const ledger = `
  DEFINE TABLE IF NOT EXISTS ledger TYPE NORMAL SCHEMAFULL ${changefeed}
    ${appendable};
  DEFINE FIELD IF NOT EXISTS n ON ledger TYPE int;
  DEFINE FIELD IF NOT EXISTS payload ON ledger TYPE string;
  DEFINE FIELD IF NOT EXISTS at ON ledger TYPE datetime DEFAULT time::now() READONLY;
  DEFINE INDEX IF NOT EXISTS ledger_n ON ledger FIELDS n UNIQUE;`;

const platform = `
  DEFINE TABLE IF NOT EXISTS account TYPE NORMAL SCHEMAFULL ${changefeed} ${readable};
  DEFINE FIELD IF NOT EXISTS name ON account TYPE string;
  DEFINE INDEX IF NOT EXISTS account_name ON account FIELDS name UNIQUE;
  DEFINE TABLE IF NOT EXISTS project TYPE NORMAL SCHEMAFULL ${changefeed} ${readable};
  DEFINE FIELD IF NOT EXISTS name ON project TYPE string;
  DEFINE FIELD IF NOT EXISTS tasks ON project TYPE int DEFAULT 0;
  DEFINE INDEX IF NOT EXISTS project_name ON project FIELDS name UNIQUE;
  DEFINE TABLE IF NOT EXISTS agent TYPE NORMAL SCHEMAFULL ${changefeed} ${readable};
  DEFINE FIELD IF NOT EXISTS name ON agent TYPE string;
  DEFINE FIELD IF NOT EXISTS skills ON agent TYPE array<string>;
  DEFINE INDEX IF NOT EXISTS agent_name ON agent FIELDS name UNIQUE;
  DEFINE SEQUENCE IF NOT EXISTS task_number BATCH 10 START 1;
  DEFINE TABLE IF NOT EXISTS task TYPE NORMAL SCHEMAFULL ${changefeed} ${appendable};
  DEFINE FIELD IF NOT EXISTS number ON task TYPE int DEFAULT sequence::nextval("task_number") READONLY;
  DEFINE FIELD IF NOT EXISTS title ON task TYPE string;
  DEFINE FIELD IF NOT EXISTS project ON task TYPE record<project>;
  DEFINE FIELD IF NOT EXISTS agent ON task TYPE option<record<agent>>;
  DEFINE FIELD IF NOT EXISTS state ON task TYPE "queued" | "running" | "done" DEFAULT "queued";
  DEFINE INDEX IF NOT EXISTS task_number ON task FIELDS number UNIQUE;
  DEFINE INDEX IF NOT EXISTS task_state ON task FIELDS state;
  DEFINE EVENT IF NOT EXISTS task_counted ON task WHEN $event = "CREATE"
    THEN (UPDATE $after.project SET tasks += 1);`;

/** Initial data of a new platform. */
const firstContent = `
  INSERT IGNORE INTO account { id: "operations", name: "operations" } RETURN NONE;
  INSERT IGNORE INTO project { id: "welcome", name: "Welcome to VAPORA" } RETURN NONE;
  INSERT IGNORE INTO agent [
    { id: "architect", name: "architect", skills: ["design", "review"] },
    { id: "developer", name: "developer", skills: ["code", "test"] },
    { id: "writer", name: "writer", skills: ["documents"] }
  ] RETURN NONE;
  INSERT IGNORE INTO task [
    { id: "tour", title: "Take the tour", project: project:welcome, agent: agent:writer, state: "done" },
    { id: "first", title: "Create a first project", project: project:welcome }
  ] RETURN NONE;`;

/** Statements that define a database, from outside and inside. */
export const createDatabase = (name: string): string => `DEFINE DATABASE IF NOT EXISTS \`${name}\``;

/** Statements that create VAPORA's schema in an empty database. */
export const migration = (accountKey: string): string => `${ledger}${platform}
  DEFINE ACCESS IF NOT EXISTS account ON DATABASE TYPE RECORD
    WITH JWT ALGORITHM HS512 KEY ${quoted(accountKey)} DURATION FOR SESSION 1h;${firstContent}`;
