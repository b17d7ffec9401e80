/** Lease on the standby database: only one run at a time changes it, and the lease of a dead run expires quickly. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Database } from "../database/client.ts";
import { continuityDatabase } from "../database/state.ts";
import { inTime } from "../wire/in-time.ts";
import { messageOf, type JobContext } from "../result.ts";

export interface Lease {
  /** Aborts when the lease is lost or the job must end. */
  signal: AbortSignal;
  release(): Promise<void>;
}

export interface LeaseArgs {
  /** Lifetime without renewal, after which the holder counts as dead. */
  leaseSeconds: number;
  waitSeconds: number;
  /** Makes the current holder yield: a promotion cannot wait for an import. */
  urgent: boolean;
}

const pauseSeconds = 0.1;

/** Interval at which a holder checks whether it must yield: a promotion cannot wait for the next renewal. */
const yieldCheckSeconds = 0.5;

/** Waits for the lease; undefined: not acquired within `waitSeconds`. */
export async function takeLease(
  server: Database,
  { leaseSeconds, waitSeconds, urgent }: LeaseArgs,
  context: JobContext,
): Promise<Lease | undefined> {
  const holder = randomUUID();
  const deadline = performance.now() + waitSeconds * 1000;
  for (;;) {
    const requestedAt = performance.now();
    if (await tryTake(server, holder, leaseSeconds)) {
      return keep(server, { holder, leaseSeconds, urgent, requestedAt }, context);
    }
    if (performance.now() > deadline) return undefined;
    if (urgent) await requestYield(server, leaseSeconds);
    await sleep(pauseSeconds * 1000, undefined, { signal: context.signal });
  }
}

interface Held {
  holder: string;
  leaseSeconds: number;
  urgent: boolean;
  /** Time of the request, before the server's: the holder's lease thus ends before another run may start. */
  requestedAt: number;
}

function keep(server: Database, held: Held, context: JobContext): Lease {
  const lost = new AbortController();
  const expiry = new Expiry(held.leaseSeconds, () => lost.abort(new Error("the lease could not be renewed in time")));
  expiry.restart(held.requestedAt);
  // Short enough for a second attempt before the lease expires, regardless of the query timeout.
  const limits = { seconds: held.leaseSeconds / 3, signal: context.signal };
  const renewing = new Database(
    { ...server.address, timeoutSeconds: Math.min(server.address.timeoutSeconds, limits.seconds) },
    server.name,
  );
  const renew = async () => {
    const requestedAt = performance.now();
    try {
      if (await inTime("renewing the lease", limits, () => tryTake(renewing, held.holder, held.leaseSeconds)))
        expiry.restart(requestedAt);
      else lost.abort(new Error("another run has taken over"));
    } catch (error) {
      context.log(`cannot renew the lease: ${messageOf(error)}`);
    }
  };
  const checkYield = async () => {
    if (await isYieldRequested(renewing).catch(() => false)) lost.abort(new Error("yielding to a promotion"));
  };
  const timer = setInterval(() => void renew(), limits.seconds * 1000);
  const yieldTimer = held.urgent ? undefined : setInterval(() => void checkYield(), yieldCheckSeconds * 1000);
  return {
    signal: AbortSignal.any([context.signal, lost.signal]),
    release: async () => {
      clearInterval(timer);
      clearInterval(yieldTimer);
      expiry.stop();
      await free(server, held.holder);
    },
  };
}

/** Expires the lease on the holder's side: other runs rely on the holder having stopped. */
class Expiry {
  private readonly leaseSeconds: number;
  private readonly expired: () => void;
  private clock: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(leaseSeconds: number, expired: () => void) {
    this.leaseSeconds = leaseSeconds;
    this.expired = expired;
  }

  restart(requestedAt: number): void {
    clearTimeout(this.clock);
    if (this.stopped) return;
    this.clock = setTimeout(this.expired, requestedAt + this.leaseSeconds * 1000 - performance.now());
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.clock);
  }
}

/** Also when the job is being stopped, so that the next one need not wait. */
async function free(server: Database, holder: string): Promise<void> {
  const { signal: _, ...address } = server.address;
  const own = new Database({ ...address, timeoutSeconds: 2 }, server.name);
  const sql = "DELETE lease:standby WHERE holder = $holder RETURN NONE";
  await continuityDatabase(own)
    .query(sql, { holder })
    .catch(() => undefined);
}

async function requestYield(server: Database, seconds: number): Promise<void> {
  const sql = "UPSERT lease:urgent CONTENT { until: time::now() + <duration>$length } RETURN NONE";
  await continuityDatabase(server).attempt(sql, { length: milliseconds(seconds) });
}

async function isYieldRequested(server: Database): Promise<boolean> {
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
  if (unexpected) throw new Error(`cannot take the lease: ${unexpected}`);
  return errors.length === 0;
}
