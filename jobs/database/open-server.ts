import type { JobContext } from "../result.ts";
import { Database } from "./client.ts";

/** What every job's settings say of the database server. */
export interface ServerSettings {
  DATABASE_NAMESPACE: string;
  DATABASE_USERNAME: string;
  DATABASE_PASSWORD: string;
  DATABASE_TIMEOUT_SECONDS: number;
}

/** The server at an address, by its root user, with no database chosen yet; the job's signal ends its calls. */
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
