/** Databases of a real engine for fast tests: one server in this process, a separate database per test. */
import { argon2Sync } from "node:crypto";
import { startFront, type Front } from "../../../drill/images/index.ts";
import { Database } from "../../../jobs/database/client.ts";

const password = "secret";

/**
 * The engine checks the password at every request. A stored password costs 23 ms of CPU each time, which was most of
 * these tests' time; this hash of the same password asks for the least work that Argon2 permits.
 */
function cheapHash(): string {
  const [nonce, parameters] = [Buffer.alloc(16, 7), { memory: 8, passes: 1, parallelism: 1 }];
  const hash = argon2Sync("argon2id", { message: password, nonce, tagLength: 32, ...parameters });
  const [salt, tag] = [nonce, hash].map((bytes) => bytes.toString("base64").replaceAll("=", ""));
  return `$argon2id$v=19$m=8,t=1,p=1$${salt}$${tag}`;
}

let front: Promise<Front> | undefined;
let names = 0;

async function startEngine(): Promise<Front> {
  const started = await startFront({ url: "mem://", pass: password });
  const address = { url: started.url, namespace: "test", username: "root", password, timeoutSeconds: 20 };
  await new Database(address, "").query(
    `DEFINE USER OVERWRITE root ON ROOT PASSHASH '${cheapHash()}' ROLES OWNER; DEFINE NAMESPACE IF NOT EXISTS test`,
  );
  return started;
}

/** An empty database that no other test uses. */
export async function freshDatabase(): Promise<Database> {
  const { url } = await (front ??= startEngine());
  const address = { url, namespace: "test", username: "root", password, timeoutSeconds: 20 };
  const database = new Database(address, `db${++names}`);
  await database.other("").query(`DEFINE DATABASE ${database.name}`);
  return database;
}

/** An unused database name. */
export const absent = (database: Database): Database => database.other(`db${++names}`);

export async function stopEngine(): Promise<void> {
  const started = front;
  front = undefined;
  await (await started)?.stop();
}
