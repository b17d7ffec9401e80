/**
 * Minimal CBOR for SurrealDB's RPC protocol, so that local images start without the SDK.
 *
 * `encode` and `decode` handle plain values; `splitMap` and `joinMap` pass values through byte for byte.
 */
import { TextDecoder, TextEncoder } from "node:util";

export type Plain =
  null | undefined | boolean | number | bigint | string | Uint8Array | Plain[] | { [key: string]: Plain };

const text = new TextEncoder();
const utf8 = new TextDecoder();
const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
/** SurrealDB's tag for NONE. */
const noneTag = 6;

const head = (kind: number, size: number | bigint): Uint8Array => {
  const top = kind << 5;
  if (size < 24) return Uint8Array.of(top | Number(size));
  if (size < 0x100) return Uint8Array.of(top | 24, Number(size));
  const wide = size < 0x10000 ? 2 : size < 0x100000000 ? 4 : 8;
  const out = new Uint8Array(1 + wide);
  const view = new DataView(out.buffer);
  out[0] = top | (wide === 2 ? 25 : wide === 4 ? 26 : 27);
  if (wide === 2) view.setUint16(1, Number(size));
  else if (wide === 4) view.setUint32(1, Number(size));
  else view.setBigUint64(1, BigInt(size));
  return out;
};

const float = (value: number): Uint8Array => {
  const out = new Uint8Array(9);
  out[0] = 0xfb;
  new DataView(out.buffer).setFloat64(1, value);
  return out;
};

function write(value: Plain, parts: Uint8Array[]): void {
  if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (value === undefined) parts.push(head(major.tag, noneTag), Uint8Array.of(0xf6));
  else if (typeof value === "boolean") parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (typeof value === "bigint" || Number.isSafeInteger(value)) {
    const whole = value as bigint | number;
    parts.push(whole >= 0 ? head(major.unsigned, whole) : head(major.negative, -1n - BigInt(whole)));
  } else if (typeof value === "number") parts.push(float(value));
  else if (typeof value === "string") {
    const bytes = text.encode(value);
    parts.push(head(major.text, bytes.length), bytes);
  } else if (value instanceof Uint8Array) parts.push(head(major.bytes, value.length), value);
  else if (Array.isArray(value)) {
    parts.push(head(major.array, value.length));
    for (const item of value) write(item, parts);
  } else if (typeof value === "object") {
    const entries = Object.entries(value);
    parts.push(head(major.map, entries.length));
    for (const [key, item] of entries) {
      write(key, parts);
      write(item, parts);
    }
  }
}

/** Encodes a plain value; `undefined` becomes SurrealDB's NONE. */
export function encode(value: Plain): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

/** Encodes a map of text keys to encoded values. */
export function joinMap(entries: Iterable<readonly [string, Uint8Array]>): Uint8Array {
  const list = [...entries];
  return Buffer.concat([head(major.map, list.length), ...list.flatMap(([key, value]) => [encode(key), value])]);
}

interface Head {
  kind: number;
  /** Length, count, number or tag; -1 for indefinite length. */
  size: number | bigint;
  info: number;
  next: number;
}

function readHead(bytes: Uint8Array, at: number): Head {
  const first = bytes[at];
  if (first === undefined) throw new RangeError(`CBOR is truncated at byte ${at}`);
  const [kind, info, next] = [first >> 5, first & 31, at + 1];
  if (info < 24) return { kind, info, size: info, next };
  if (info === 31) return { kind, info, size: -1, next };
  if (info > 27) throw new RangeError(`CBOR is malformed at byte ${at}`);
  const wide = 1 << (info - 24);
  if (next + wide > bytes.length) throw new RangeError(`CBOR is truncated at byte ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + next, wide);
  const big = wide === 8 ? view.getBigUint64(0) : 0n;
  const size =
    wide === 1
      ? view.getUint8(0)
      : wide === 2
        ? view.getUint16(0)
        : wide === 4
          ? view.getUint32(0)
          : big > BigInt(Number.MAX_SAFE_INTEGER)
            ? big
            : Number(big);
  return { kind, info, size, next: next + wide };
}

const isBreak = (bytes: Uint8Array, at: number): boolean => bytes[at] === 0xff;

/** End position of the value at a position. */
function skip(bytes: Uint8Array, at: number): number {
  const { kind, size, next } = readHead(bytes, at);
  if (kind === major.unsigned || kind === major.negative || kind === major.simple) return next;
  if (kind === major.tag) return skip(bytes, next);
  let end = next;
  if (size === -1) {
    while (!isBreak(bytes, end)) end = skip(bytes, end);
    return end + 1;
  }
  if (kind === major.bytes || kind === major.text) {
    end += Number(size);
    if (end > bytes.length) throw new RangeError(`CBOR is truncated at byte ${bytes.length}`);
    return end;
  }
  for (let left = Number(size) * (kind === major.map ? 2 : 1); left > 0; left--) end = skip(bytes, end);
  return end;
}

/** Entries of a map with text keys; values remain encoded. Throws a RangeError for anything else. */
export function splitMap(bytes: Uint8Array): Map<string, Uint8Array> {
  const { kind, size, next } = readHead(bytes, 0);
  if (kind !== major.map) throw new RangeError("CBOR value is not a map");
  const entries = new Map<string, Uint8Array>();
  let at = next;
  for (let n = 0; size === -1 ? !isBreak(bytes, at) : n < Number(size); n++) {
    const afterKey = skip(bytes, at);
    const end = skip(bytes, afterKey);
    const key = decode(bytes.subarray(at, afterKey));
    if (typeof key !== "string") throw new RangeError("CBOR map has a key that is not text");
    entries.set(key, bytes.subarray(afterKey, end));
    at = end;
  }
  return entries;
}

const pad = (value: Plain, width: number): string => String(value).padStart(width, "0");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const plainName = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name}\``);

/** Representation in SurrealDB's JSON of values that JSON lacks: dates and durations, records, identifiers as text. */
function untag(tag: number | bigint, value: Plain): Plain {
  if (tag === noneTag) return undefined;
  if (tag === 12 && Array.isArray(value)) {
    const [seconds, nanoseconds] = value;
    const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
    return `${date}.${pad(nanoseconds ?? 0, 9)}Z`;
  }
  if (tag === 14 && Array.isArray(value)) {
    return `${String(value[0] ?? 0)}s${value[1] ? `${String(value[1])}ns` : ""}`;
  }
  if (tag === 8 && Array.isArray(value)) {
    const [table, id] = value;
    const key = typeof id === "string" ? plainName(id) : typeof id === "object" ? JSON.stringify(id) : String(id);
    return `${plainName(String(table))}:${key}`;
  }
  if (tag === 37 && value instanceof Uint8Array) {
    return hex(value).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
  return value;
}

interface Read {
  value: Plain;
  next: number;
}

function halfFloat(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function simple(bytes: Uint8Array, { info, size, next }: Head): Read {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (info === 25) return { value: halfFloat(view.getUint16(next - 2)), next };
  if (info === 26) return { value: view.getFloat32(next - 4), next };
  if (info === 27) return { value: view.getFloat64(next - 8), next };
  if (size === 20 || size === 21) return { value: size === 21, next };
  return { value: size === 22 ? null : undefined, next };
}

function readItems(bytes: Uint8Array, { size, next }: Head, perItem: 1 | 2): { items: Plain[]; next: number } {
  const items: Plain[] = [];
  let at = next;
  for (let n = 0; size === -1 ? !isBreak(bytes, at) : n < Number(size) * perItem; n++) {
    const item = read(bytes, at);
    items.push(item.value);
    at = item.next;
  }
  return { items, next: size === -1 ? at + 1 : at };
}

function read(bytes: Uint8Array, at: number): Read {
  const top = readHead(bytes, at);
  const { kind, size, next } = top;
  if (kind === major.simple) return simple(bytes, top);
  if (kind === major.unsigned) return { value: size, next };
  if (kind === major.negative) return { value: typeof size === "bigint" ? -1n - size : -1 - size, next };
  if (kind === major.tag) {
    const inner = read(bytes, next);
    return { value: untag(size, inner.value), next: inner.next };
  }
  if (kind === major.bytes || kind === major.text) {
    const end = skip(bytes, at);
    if (size === -1) throw new RangeError("CBOR of indefinite length is not supported");
    const piece = bytes.subarray(next, end);
    return { value: kind === major.text ? utf8.decode(piece) : piece, next: end };
  }
  const { items, next: end } = readItems(bytes, top, kind === major.map ? 2 : 1);
  if (kind === major.array) return { value: items, next: end };
  const map: { [key: string]: Plain } = {};
  for (let n = 0; n < items.length; n += 2) {
    Object.defineProperty(map, String(items[n]), { value: items[n + 1], enumerable: true, writable: true });
  }
  return { value: map, next: end };
}

/** Decodes one CBOR item. Throws a RangeError if truncated or malformed. */
export const decode = (bytes: Uint8Array): Plain => read(bytes, 0).value;
