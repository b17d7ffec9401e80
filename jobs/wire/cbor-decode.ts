/** Decodes database values; see `cbor.ts`. Throws a RangeError for any malformed input. */
import { Float, majors, Tagged, type Fields, type Value } from "./cbor-values.ts";

/** Decodes exactly one value; throws on truncated input or trailing bytes. */
export function decode(bytes: Uint8Array): Value {
  const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const value = reader.value();
  if (!reader.atEnd()) throw new RangeError("trailing bytes after the value");
  return value;
}

/** Entries of a map with text keys; values remain encoded. */
export function splitMap(bytes: Uint8Array): Map<string, Uint8Array> {
  return new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).entries();
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
    if (major === majors.integer) return size;
    if (major === majors.negative) return typeof size === "bigint" ? -1n - size : -1 - size;
    if (major === majors.tag) return new Tagged(Number(size), this.value());
    return this.sized(major, Number(size));
  }

  entries(): Map<string, Uint8Array> {
    const first = this.source.readUInt8(this.at++);
    if (first >> 5 !== majors.map) throw new RangeError("it is not a map");
    const count = (first & 31) === 31 ? Infinity : Number(this.argument(first & 31));
    const entries = new Map<string, Uint8Array>();
    for (let n = 0; count === Infinity ? !this.atBreak() : n < count; n++) {
      const key = this.value();
      if (typeof key !== "string") throw new RangeError("a key is not text");
      const start = this.at;
      this.skip();
      entries.set(key, this.source.subarray(start, this.at));
    }
    return entries;
  }

  /** Skips one value. */
  private skip(): void {
    const first = this.source.readUInt8(this.at++);
    const [major, detail] = [first >> 5, first & 31];
    if (detail === 31 && major >= majors.bytes && major <= majors.map) {
      while (!this.atBreak()) this.skip();
      return;
    }
    const size = Number(this.argument(detail));
    if (major === majors.bytes || major === majors.text) this.take(size);
    const inner = major === majors.tag ? 1 : major === majors.array ? size : major === majors.map ? 2 * size : 0;
    for (let n = 0; n < inner; n++) this.skip();
  }

  private sized(major: number, size: number): Value {
    if (major === majors.bytes) return Uint8Array.prototype.slice.call(this.take(size));
    if (major === majors.text) return this.take(size).toString("utf8");
    if (size > this.source.length - this.at) throw new RangeError("the value is truncated");
    if (major === majors.array) {
      const items: Value[] = [];
      for (let i = 0; i < size; i++) items.push(this.value());
      return items;
    }
    const fields = emptyFields();
    for (let i = 0; i < size; i++) this.field(fields);
    return fields;
  }

  private indefinite(major: number): Value {
    if (major === majors.array) {
      const items: Value[] = [];
      while (!this.atBreak()) items.push(this.value());
      return items;
    }
    if (major !== majors.map)
      throw new RangeError(`indefinite-length values of major type ${major} are not part of the protocol`);
    const fields = emptyFields();
    while (!this.atBreak()) this.field(fields);
    return fields;
  }

  private field(fields: Fields): void {
    const key = this.value();
    if (typeof key !== "string") throw new RangeError("a map key is not a string");
    fields[key] = this.value();
  }

  private atBreak(): boolean {
    if (this.source.readUInt8(this.at) !== 0xff) return false;
    this.at++;
    return true;
  }

  private argument(detail: number): number | bigint {
    if (detail < 24) return detail;
    if (detail > 27) throw new RangeError(`unknown length encoding ${detail}`);
    const bytes = 1 << (detail - 24);
    const at = this.at;
    this.at += bytes;
    if (bytes < 8) return this.source.readUIntBE(at, bytes);
    const large = this.source.readBigUInt64BE(at);
    return large <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(large) : large;
  }

  private take(bytes: number): Buffer {
    const end = this.at + bytes;
    if (end > this.source.length) throw new RangeError("the value is truncated");
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
    throw new RangeError(`unknown simple value ${detail}`);
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
