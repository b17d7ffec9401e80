/**
 * Encoding of changes in a part (one length-prefixed frame per transaction), and their final state per record, which
 * exporter and importer compute independently and compare.
 */
import { createHash } from "node:crypto";
import { decode, encode, type Fields } from "../wire/cbor.ts";
import { readChange, type Changeset } from "../database/feed.ts";
import type { ChangesManifest } from "./manifest.ts";

const lengthBytes = 4;

export function encodeFrame({ versionstamp, changes }: Changeset): Buffer {
  const content = encode({ versionstamp, changes });
  const frame = Buffer.allocUnsafe(lengthBytes + content.length);
  frame.writeUInt32BE(content.length);
  frame.set(content, lengthBytes);
  return frame;
}

/** Decodes the changesets of a part; throws if it ends within one. */
export async function* decodeFrames(stream: AsyncIterable<Buffer>): AsyncIterable<Changeset> {
  const waiting = new Pieces();
  for await (const piece of stream) {
    waiting.add(piece);
    for (let frame = waiting.frame(); frame; frame = waiting.frame()) {
      const { versionstamp, changes } = decode(frame) as Fields;
      yield { versionstamp: BigInt(versionstamp as number | bigint), changes: changes as Fields[] };
    }
  }
  if (waiting.length > 0) throw new Error("the changes end in the middle of a transaction");
}

/** Buffers bytes until a frame is complete; joins them once per frame instead of once per chunk. */
class Pieces {
  length = 0;
  private pieces: Buffer[] = [];
  /** Bytes needed for the first frame, including its length prefix. */
  private needed = lengthBytes;

  add(piece: Buffer): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }

  /** Removes and returns the first frame; undefined while it is incomplete. */
  frame(): Buffer | undefined {
    if (this.length < this.needed) return undefined;
    if (this.needed === lengthBytes) this.needed += this.joined().readUInt32BE();
    if (this.length < this.needed) return undefined;
    const all = this.joined();
    const content = all.subarray(lengthBytes, this.needed);
    this.length -= this.needed;
    this.pieces = this.length > 0 ? [all.subarray(this.needed)] : [];
    this.needed = lengthBytes;
    return content;
  }

  private joined(): Buffer {
    const [first, ...others] = this.pieces;
    const all = first && others.length === 0 ? first : Buffer.concat(this.pieces);
    this.pieces = [all];
    return all;
  }
}

/** Final state of a record: a digest of its content, or deleted. */
export interface LastState {
  table: string;
  digest: string | "deleted";
  /** Index of the last change to the record, counted from the first change of the part. */
  position: number;
}

/**
 * Reduces changes to the final state of each record. Memory grows with the number of records, not with their content.
 */
export class FinalStates {
  readonly records = new Map<string, LastState>();
  private readonly changes: Record<string, number> = {};
  private readonly known: ReadonlySet<string>;
  private position = 0;

  /** Changes of tables not in `known` are skipped: those tables have been removed. */
  constructor(known: Iterable<string>) {
    this.known = new Set(known);
  }

  add(changeset: Changeset): void {
    for (const entry of changeset.changes) {
      const change = readChange(entry);
      const position = this.position++;
      if (change.kind === "definition") this.forget(change.table);
      else if (this.known.has(change.table)) {
        this.changes[change.table] = (this.changes[change.table] ?? 0) + 1;
        const digest = change.kind === "deleted" ? "deleted" : recordDigest(change.record);
        this.records.set(change.key, { table: change.table, digest, position });
      }
    }
  }

  tables(): ChangesManifest["tables"] {
    const byTable = Map.groupBy(this.records, ([, { table }]) => table);
    const entries = [...byTable].map(([table, records]) => [table, this.total(table, records)] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private total(table: string, records: [string, LastState][]) {
    const lines = records.map(([key, { digest }]) => `${key} ${digest}\n`).sort();
    return {
      changes: this.changes[table] ?? 0,
      touched: records.length,
      deleted: records.filter(([, { digest }]) => digest === "deleted").length,
      finalStateDigest: createHash("sha256").update(lines.join("")).digest("hex"),
    };
  }

  /** A redefined table was removed before, with all its records. */
  private forget(table: string): void {
    for (const [key, state] of this.records) if (state.table === table) this.records.delete(key);
    delete this.changes[table];
  }
}

export const recordDigest = (record: Fields): string => createHash("sha256").update(encode(record)).digest("hex");
