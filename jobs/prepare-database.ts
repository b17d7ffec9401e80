/** Initializes a database server: namespace, the services' user, and the record of the database in use. Idempotent. */
import { openServer } from "./database/open-server.ts";
import { databaseNames } from "../contract/index.ts";
import { Database, identifier, isUnreachable, literal } from "./database/client.ts";
import { readState, writeState, type SiteState } from "./database/state.ts";
import { messageOf, succeeded, type JobContext, type Result } from "./result.ts";
import type { Settings } from "./settings.ts";

const pauseSeconds = 0.25;

export async function runPrepareDatabase(settings: Settings<"prepare-database">, context: JobContext): Promise<Result> {
  const server = openServer(settings.DATABASE_URL, settings, context);
  const attempts = await untilReachable(server, settings.PREPARE_TIMEOUT_SECONDS, context);
  await server.query(`DEFINE NAMESPACE IF NOT EXISTS ${identifier(settings.DATABASE_NAMESPACE)}`);
  const password = literal(settings.SERVICES_PASSWORD);
  // OVERWRITE applies a rotated password; OWNER because the services' migrations define an access.
  const user = `DEFINE USER OVERWRITE ${identifier(settings.SERVICES_USERNAME)} ON NAMESPACE PASSWORD ${password} ROLES OWNER`;
  const database = `DEFINE DATABASE IF NOT EXISTS ${identifier(databaseNames.continuityDatabase)}`;
  await server.queryWithSecrets("define the services' user", user, [settings.SERVICES_PASSWORD]);
  await server.query(database);
  const existing = await readState(server);
  const state = existing ?? firstState(settings.SITE_ROLE === "active");
  if (!existing) await writeState(server, state);
  if (state.database) await server.query(`DEFINE DATABASE IF NOT EXISTS ${identifier(state.database)}`);
  return succeeded({ attempts, created: !existing, database: state.database, ready: state.ready, epoch: state.epoch });
}

const firstState = (active: boolean): SiteState =>
  active
    ? { database: databaseNames.initialDatabase, ready: true, reason: "first database of this site", epoch: 1 }
    : { database: "", ready: false, reason: "no recovery point has been imported yet", epoch: 0 };

/** Waits until the server responds; returns the number of attempts. */
export async function untilReachable(server: Database, timeoutSeconds: number, context: JobContext): Promise<number> {
  const deadline = performance.now() + timeoutSeconds * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      await server.version();
      return attempt;
    } catch (error) {
      if (context.signal.aborted || !isUnreachable(error)) throw error;
      if (performance.now() > deadline)
        throw new Error(`the database did not respond within ${timeoutSeconds} s: ${messageOf(error)}`);
      if (attempt === 1) context.log(`waiting for the database: ${messageOf(error)}`);
      await new Promise((resolve) => setTimeout(resolve, pauseSeconds * 1000));
    }
  }
}
