/** Databases of a real engine for fast tests: one server in this process, a database of its own for each test. */
import { startFront, type Front } from "../../../drill/images/index.ts";
import { Database } from "../../../jobs/database/client.ts";

let front: Front | undefined;
let names = 0;

/** An empty database that no other test uses. */
export async function freshDatabase(): Promise<Database> {
  front ??= await startFront({ url: "mem://", pass: "secret" });
  const address = { url: front.url, namespace: "test", username: "root", password: "secret", timeoutSeconds: 20 };
  const database = new Database(address, `db${++names}`);
  await database.other("").query(`DEFINE NAMESPACE IF NOT EXISTS test; DEFINE DATABASE ${database.name}`);
  return database;
}

/** A name that no database has yet. */
export const absent = (database: Database): Database => database.other(`db${++names}`);

export async function stopEngine(): Promise<void> {
  await front?.stop();
  front = undefined;
}
