/** The database's clock, and changefeed positions: milliseconds followed by a 16-bit counter. */
import { Tagged, tags } from "../wire/cbor.ts";
import type { Database } from "./client.ts";

export async function databaseNow(database: Database): Promise<Date> {
  const [now] = await database.query("RETURN time::now()");
  if (!(now instanceof Tagged) || now.tag !== tags.datetime) throw new Error("time::now() did not return a datetime");
  const [seconds = 0, nanoseconds = 0] = now.value as [number?, number?];
  return new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6));
}

/** First changefeed position at a given time. */
export const positionOf = (time: Date): bigint => BigInt(time.getTime()) << 16n;
