/** One run at a time changes the standby database; a run that died is followed after a short while. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Database } from "../database/client.ts";
import { continuityDatabase } from "../database/state.ts";
import { messageOf, type JobContext } from "../result.ts";

export interface Lease {
  /** Aborts when the lease is lost or the job must end. */
  signal: AbortSignal;
  release(): Promise<void>;
}

export interface LeaseArgs {
  /** After this time without renewal the holder counts as dead. */
  leaseSeconds: number;
  waitSeconds: number;
  /** Whether whoever holds the lease must drop its work: a promotion cannot wait for an import. */
  urgent: boolean;
}

const pauseSeconds = 0.1;

/** Waits until no other run holds the lease, for as long as given; undefined: it is held all the time. */
export async function takeLease(
  server: Database,
  { leaseSeconds, waitSeconds, urgent }: LeaseArgs,
  context: JobContext,
): Promise<Lease | undefined> {
  const holder = randomUUID();
  const deadline = performance.now() + waitSeconds * 1000;
  while (!(await tryTake(server, holder, leaseSeconds))) {
    if (performance.now() > deadline) return undefined;
    if (urgent) await askToYield(server, leaseSeconds);
    await sleep(pauseSeconds * 1000, undefined, { signal: context.signal });
  }
  return keep(server, { holder, leaseSeconds, urgent }, context);
}

interface Held {
  holder: string;
  leaseSeconds: number;
  urgent: boolean;
}

function keep(server: Database, { holder, leaseSeconds, urgent }: Held, context: JobContext): Lease {
  const lost = new AbortController();
  const renew = async () => {
    try {
      if (!urgent && (await isAskedToYield(server))) lost.abort(new Error("yields to a promotion"));
      else if (!(await tryTake(server, holder, leaseSeconds))) lost.abort(new Error("another run has taken over"));
    } catch (error) {
      context.log(`the lease was not renewed: ${messageOf(error)}`);
    }
  };
  const timer = setInterval(() => void renew(), (leaseSeconds * 1000) / 3);
  return {
    signal: AbortSignal.any([context.signal, lost.signal]),
    release: async () => {
      clearInterval(timer);
      // Also when the job is being stopped: the next one need not wait then.
      const { signal: _, ...address } = server.address;
      const free = new Database({ ...address, timeoutSeconds: 2 }, server.name);
      const sql = "DELETE lease:standby WHERE holder = $holder RETURN NONE";
      await continuityDatabase(free)
        .query(sql, { holder })
        .catch(() => undefined);
    },
  };
}

async function askToYield(server: Database, seconds: number): Promise<void> {
  const sql = "UPSERT lease:urgent CONTENT { until: time::now() + <duration>$length } RETURN NONE";
  await continuityDatabase(server).attempt(sql, { length: milliseconds(seconds) });
}

async function isAskedToYield(server: Database): Promise<boolean> {
  const [asked] = await continuityDatabase(server).query("SELECT VALUE until > time::now() FROM lease:urgent");
  return Array.isArray(asked) && asked[0] === true;
}

const milliseconds = (seconds: number): string => `${Math.ceil(seconds * 1000)}ms`;

async function tryTake(server: Database, holder: string, leaseSeconds: number): Promise<boolean> {
  const sql = `
    DEFINE TABLE IF NOT EXISTS lease SCHEMALESS;
    BEGIN;
    LET $held = (SELECT VALUE holder FROM ONLY lease:standby WHERE until > time::now());
    IF $held IN [NONE, NULL, $holder] {
      UPSERT lease:standby CONTENT { holder: $holder, until: time::now() + <duration>$length } RETURN NONE
    } ELSE { THROW 'held' };
    COMMIT;`;
  const outcomes = await continuityDatabase(server).attempt(sql, {
    holder,
    length: milliseconds(leaseSeconds),
  });
  const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
  const unexpected = errors.find((error) => !/held|failed transaction|conflict|not executed/i.test(error));
  if (unexpected) throw new Error(`the lease cannot be taken: ${unexpected}`);
  return errors.length === 0;
}
