/**
 * Lossless CBOR for database values. Common decoders turn the float 1.0 into the integer 1 and fail on unknown tags;
 * here every value round-trips byte for byte, and equal values encode to equal bytes, so they can be hashed.
 */

/** An integral float, which JavaScript cannot distinguish from an integer. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A value of a database type: record id, datetime, decimal, duration, geometry … */
export class Tagged {
  readonly tag: number;
  readonly value: Value;
  constructor(tag: number, value: Value) {
    this.tag = tag;
    this.value = value;
  }
}

export type Value =
  undefined | null | boolean | number | bigint | string | Uint8Array | Float | Tagged | Value[] | Fields;
export interface Fields {
  [key: string]: Value;
}

/** Tags of the SurrealDB protocol that the jobs inspect. */
export const tags = { none: 6, table: 7, recordId: 8, datetime: 12, duration: 14 } as const;

const majorInteger = 0;
const majorNegative = 1;
const majorBytes = 2;
const majorText = 3;
const majorArray = 4;
const majorMap = 5;
const majorTag = 6;

/** Encodes a value deterministically: sorted keys, shortest integers. */
export function encode(value: Value): Buffer {
  const out = new Writer();
  write(out, value);
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
    this.head(majorText, bytes);
    const at = this.reserve(bytes);
    this.buffer.write(value, at);
  }

  bytes(value: Uint8Array): void {
    this.head(majorBytes, value.length);
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
    out.head(value < 0n ? majorNegative : majorInteger, value < 0n ? -1n - value : value);
  else if (value instanceof Float) out.double(value.value);
  else if (value instanceof Uint8Array) out.bytes(value);
  else if (Array.isArray(value)) {
    out.head(majorArray, value.length);
    for (const item of value) write(out, item);
  } else if (value instanceof Tagged) {
    out.head(majorTag, value.tag);
    write(out, value.value);
  } else writeFields(out, value);
}

function writeNumber(out: Writer, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) out.double(value);
  else if (value < 0) out.head(majorNegative, -1 - value);
  else out.head(majorInteger, value);
}

function writeFields(out: Writer, fields: Fields): void {
  const keys = Object.keys(fields).sort();
  out.head(majorMap, keys.length);
  for (const key of keys) {
    out.text(key);
    write(out, fields[key]);
  }
}

/** Decodes exactly one value; throws on truncated input or trailing bytes. */
export function decode(bytes: Uint8Array): Value {
  const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const value = reader.value();
  if (!reader.atEnd()) throw new Error("trailing bytes after the value");
  return value;
}

class Reader {
  private readonly source: Buffer;
  private at = 0;
  constructor(source: Buffer) {
    this.source = source;
  }

  atEnd(): boolean {
    return this.at === this.source.length;
  }

  value(): Value {
    const first = this.source.readUInt8(this.at++);
    const major = first >> 5;
    const detail = first & 31;
    if (major === 7) return this.simple(detail);
    if (detail === 31) return this.indefinite(major);
    const size = this.argument(detail);
    if (major === majorInteger) return size;
    if (major === majorNegative) return typeof size === "bigint" ? -1n - size : -1 - size;
    if (major === majorTag) return new Tagged(Number(size), this.value());
    return this.sized(major, Number(size));
  }

  private sized(major: number, size: number): Value {
    if (major === majorBytes) return Uint8Array.prototype.slice.call(this.take(size));
    if (major === majorText) return this.take(size).toString("utf8");
    if (size > this.source.length - this.at) throw new Error("the value is truncated");
    if (major === majorArray) {
      const items: Value[] = [];
      for (let i = 0; i < size; i++) items.push(this.value());
      return items;
    }
    const fields = emptyFields();
    for (let i = 0; i < size; i++) this.field(fields);
    return fields;
  }

  private indefinite(major: number): Value {
    if (major === majorArray) {
      const items: Value[] = [];
      while (!this.atBreak()) items.push(this.value());
      return items;
    }
    if (major !== majorMap)
      throw new Error(`indefinite-length values of major type ${major} are not part of the protocol`);
    const fields = emptyFields();
    while (!this.atBreak()) this.field(fields);
    return fields;
  }

  private field(fields: Fields): void {
    const key = this.value();
    if (typeof key !== "string") throw new Error("a map key is not a string");
    fields[key] = this.value();
  }

  private atBreak(): boolean {
    if (this.source.readUInt8(this.at) !== 0xff) return false;
    this.at++;
    return true;
  }

  private argument(detail: number): number | bigint {
    if (detail < 24) return detail;
    if (detail > 27) throw new Error(`unknown length encoding ${detail}`);
    const bytes = 1 << (detail - 24);
    const at = this.at;
    this.at += bytes;
    if (bytes < 8) return this.source.readUIntBE(at, bytes);
    const large = this.source.readBigUInt64BE(at);
    return large <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(large) : large;
  }

  private take(bytes: number): Buffer {
    const end = this.at + bytes;
    if (end > this.source.length) throw new Error("the value is truncated");
    const taken = this.source.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  private simple(detail: number): Value {
    if (detail === 20) return false;
    if (detail === 21) return true;
    if (detail === 22) return null;
    if (detail === 23) return undefined;
    if (detail === 25) return floatOf(halfOf(this.take(2).readUInt16BE()));
    if (detail === 26) return floatOf(this.take(4).readFloatBE());
    if (detail === 27) return floatOf(this.take(8).readDoubleBE());
    throw new Error(`unknown simple value ${detail}`);
  }
}

const emptyFields = (): Fields => Object.create(null) as Fields;

const floatOf = (value: number): number | Float => (Number.isInteger(value) ? new Float(value) : value);

function halfOf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
