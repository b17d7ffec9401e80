import type { JobContext } from "../result.ts";
import { Database } from "./client.ts";

/** Settings of the database server, common to all jobs. */
export interface ServerSettings {
  DATABASE_NAMESPACE: string;
  DATABASE_USERNAME: string;
  DATABASE_PASSWORD: string;
  DATABASE_TIMEOUT_SECONDS: number;
}

/** Client for the server at an address, as root user, with no database selected; the job's signal aborts its calls. */
export function openServer(url: string, settings: ServerSettings, { signal }: Pick<JobContext, "signal">): Database {
  const address = {
    url,
    namespace: settings.DATABASE_NAMESPACE,
    username: settings.DATABASE_USERNAME,
    password: settings.DATABASE_PASSWORD,
    timeoutSeconds: settings.DATABASE_TIMEOUT_SECONDS,
    signal,
  };
  return new Database(address, "");
}
