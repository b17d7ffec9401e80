/** Encodes database values; see `cbor.ts`. */
import { Float, majors, Tagged, type Fields, type Value } from "./cbor-values.ts";

/** Encodes a value deterministically: sorted keys, shortest integers. */
export function encode(value: Value): Buffer {
  const out = new Writer();
  write(out, value);
  return out.finish();
}

/** Joins encoded values into a map. */
export function joinMap(entries: Iterable<readonly [string, Uint8Array]>): Buffer {
  const list = [...entries];
  const out = new Writer();
  out.head(majors.map, list.length);
  for (const [key, bytes] of list) {
    out.text(key);
    out.raw(bytes);
  }
  return out.finish();
}

class Writer {
  private buffer = Buffer.allocUnsafe(256);
  private length = 0;

  reserve(bytes: number): number {
    const at = this.length;
    if (at + bytes > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, at + bytes));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    this.length = at + bytes;
    return at;
  }

  byte(value: number): void {
    const at = this.reserve(1);
    this.buffer[at] = value;
  }

  head(major: number, value: number | bigint): void {
    const first = major << 5;
    if (value < 24) return this.byte(first | Number(value));
    if (value < 0x100) {
      this.byte(first | 24);
      return this.byte(Number(value));
    }
    const bytes = value < 0x10000 ? 2 : value < 0x100000000 ? 4 : 8;
    this.byte(first | (bytes === 2 ? 25 : bytes === 4 ? 26 : 27));
    const at = this.reserve(bytes);
    if (bytes === 8) this.buffer.writeBigUInt64BE(BigInt(value), at);
    else this.buffer.writeUIntBE(Number(value), at, bytes);
  }

  double(value: number): void {
    this.byte(0xfb);
    const at = this.reserve(8);
    this.buffer.writeDoubleBE(value, at);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.head(majors.text, bytes);
    const at = this.reserve(bytes);
    this.buffer.write(value, at);
  }

  bytes(value: Uint8Array): void {
    this.head(majors.bytes, value.length);
    this.raw(value);
  }

  raw(value: Uint8Array): void {
    const at = this.reserve(value.length);
    this.buffer.set(value, at);
  }

  finish(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

function write(out: Writer, value: Value): void {
  if (value === undefined) out.byte(0xf7);
  else if (value === null) out.byte(0xf6);
  else if (typeof value === "boolean") out.byte(value ? 0xf5 : 0xf4);
  else if (typeof value === "string") out.text(value);
  else if (typeof value === "number") writeNumber(out, value);
  else if (typeof value === "bigint")
    out.head(value < 0n ? majors.negative : majors.integer, value < 0n ? -1n - value : value);
  else if (value instanceof Float) out.double(value.value);
  else if (value instanceof Uint8Array) out.bytes(value);
  else if (Array.isArray(value)) {
    out.head(majors.array, value.length);
    for (const item of value) write(out, item);
  } else if (value instanceof Tagged) {
    out.head(majors.tag, value.tag);
    write(out, value.value);
  } else writeFields(out, value);
}

function writeNumber(out: Writer, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) out.double(value);
  else if (value < 0) out.head(majors.negative, -1 - value);
  else out.head(majors.integer, value);
}

function writeFields(out: Writer, fields: Fields): void {
  const keys = Object.keys(fields).sort();
  out.head(majors.map, keys.length);
  for (const key of keys) {
    out.text(key);
    write(out, fields[key]);
  }
}
