/** Polls the site state record: whether this site's data may be served, and from which database. */
import { databaseNames } from "../../../contract/index.ts";
import type { Database } from "./database.ts";

export interface SiteState {
  /** Name of the database in use; empty: none yet. */
  database: string;
  /** Whether the site may serve traffic: data verified, access keys set. */
  ready: boolean;
  reason: string;
  /** Incremented by each promotion of any site. */
  epoch: number;
}

export interface SiteStateWatch {
  /** The last state; undefined while the database cannot be read. */
  current(): SiteState | undefined;
  /** Why the state could not be read. */
  failure(): string | undefined;
  stop(): void;
}

const pollSeconds = 1;
/** Polled frequently during a recovery, where each interval adds to the recovery time. */
const urgentPollSeconds = 0.25;

async function read(database: Database): Promise<SiteState> {
  const [record] = await database.query(
    databaseNames.continuityDatabase,
    `SELECT database, ready, reason, epoch FROM ONLY ${databaseNames.siteStateRecord}`,
  );
  if (record === null || typeof record !== "object") throw new Error("the database has no site state yet");
  const { database: name, ready, reason, epoch } = record as Partial<SiteState>;
  return {
    database: String(name ?? ""),
    ready: ready === true,
    reason: String(reason ?? ""),
    epoch: Number(epoch ?? 0),
  };
}

/**
 * Polls the state.
 * @param urgent whether the site is waiting to serve
 * @param onReady called after each poll in which the data may be served
 */
export function watchSiteState(
  database: Database,
  urgent: boolean,
  onReady: (state: SiteState) => Promise<void> = () => Promise.resolve(),
): SiteStateWatch {
  let state: SiteState | undefined;
  let failure: string | undefined = "the site state has not been read yet";
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const poll = async (): Promise<void> => {
    try {
      const now = await read(database);
      if (now.ready) await onReady(now);
      [state, failure] = [now, undefined];
    } catch (error) {
      [state, failure] = [undefined, (error as Error).message];
    }
    const waiting = state === undefined || (urgent && !state.ready);
    if (!stopped) timer = setTimeout(() => void poll(), (waiting ? urgentPollSeconds : pollSeconds) * 1000);
  };
  void poll();
  return {
    current: () => state,
    failure: () => failure,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
