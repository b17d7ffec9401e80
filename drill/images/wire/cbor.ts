/**
 * The local images' view of database values: plain ones, by the jobs' lossless codec. What JSON lacks reads as in
 * SurrealDB's own JSON. `splitMap` and `joinMap` pass values through byte for byte.
 */
import * as lossless from "../../../jobs/wire/index.ts";

export { joinMap, splitMap } from "../../../jobs/wire/index.ts";

export type Plain =
  null | undefined | boolean | number | bigint | string | Uint8Array | Plain[] | { [key: string]: Plain };

const { tags } = lossless;
const uuidTag = 37;

/** `undefined` becomes SurrealDB's NONE. */
export const encode = (value: Plain): Uint8Array => lossless.encode(valueOf(value));

/** @throws RangeError for truncated or malformed bytes */
export const decode = (bytes: Uint8Array): Plain => plainOf(lossless.decode(bytes));

function valueOf(value: Plain): lossless.Value {
  if (value === undefined) return new lossless.Tagged(tags.none, null);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(valueOf);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueOf(item)]));
}

function plainOf(value: lossless.Value): Plain {
  if (value instanceof lossless.Float) return value.value;
  if (value instanceof lossless.Tagged) return untag(value.tag, plainOf(value.value));
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plainOf);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainOf(item)]));
}

const pad = (value: Plain, width: number): string => String(value).padStart(width, "0");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const plainName = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name}\``);

/** Dates, durations, records and identifiers as text. */
function untag(tag: number, value: Plain): Plain {
  if (tag === tags.none) return undefined;
  if (tag === tags.datetime && Array.isArray(value)) {
    const [seconds, nanoseconds] = value;
    const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
    return `${date}.${pad(nanoseconds ?? 0, 9)}Z`;
  }
  if (tag === tags.duration && Array.isArray(value)) {
    return `${String(value[0] ?? 0)}s${value[1] ? `${String(value[1])}ns` : ""}`;
  }
  if (tag === tags.recordId && Array.isArray(value)) {
    const [table, id] = value;
    const key = typeof id === "string" ? plainName(id) : typeof id === "object" ? JSON.stringify(id) : String(id);
    return `${plainName(String(table))}:${key}`;
  }
  if (tag === uuidTag && value instanceof Uint8Array) {
    return hex(value).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
  return value;
}
