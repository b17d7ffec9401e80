/** The database's own clock, and positions in its changefeed: milliseconds with a 16-bit counter below. */
import { Tagged, tags } from "./cbor.ts";
import type { Database } from "./client.ts";

export async function databaseNow(database: Database): Promise<Date> {
  const [now] = await database.query("RETURN time::now()");
  if (!(now instanceof Tagged) || now.tag !== tags.datetime) throw new Error("the database tells no time");
  const [seconds = 0, nanoseconds = 0] = now.value as [number?, number?];
  return new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6));
}

/** First position of a moment. */
export const positionOf = (time: Date): bigint => BigInt(time.getTime()) << 16n;
