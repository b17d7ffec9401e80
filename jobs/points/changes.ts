/**
 * Changes as they lie in a part: one frame per transaction, its length before
 * it; and what they come down to, which exporter and importer work out on
 * their own and compare.
 */
import { createHash } from "node:crypto";
import { decode, encode, type Fields } from "../database/cbor.ts";
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

/** Changesets of a part's content; throws when it ends inside one. */
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

/** Bytes that wait for their frame to be complete; joined once per frame, not once per piece that arrives. */
class Pieces {
  length = 0;
  private pieces: Buffer[] = [];
  /** Of the frame at the front, its length included. */
  private needed = lengthBytes;

  add(piece: Buffer): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }

  /** Content of the frame at the front, and goes on to the next; undefined: not all of it is here. */
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

/** Last state of a record: a digest of its content, or gone. */
export interface LastState {
  table: string;
  digest: string | "deleted";
  /** Number of the last change that touched it, counted from the first change of the part. */
  position: number;
}

/** Adds changes up to the last state of each record. Memory grows with the records touched, not with their content. */
export class FinalStates {
  readonly records = new Map<string, LastState>();
  private readonly changes: Record<string, number> = {};
  private readonly known: ReadonlySet<string>;
  private position = 0;

  /** Changes of other tables than the known ones are passed over: those tables are gone. */
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

  /** A table that is defined again was removed before, with everything in it. */
  private forget(table: string): void {
    for (const [key, state] of this.records) if (state.table === table) this.records.delete(key);
    delete this.changes[table];
  }
}

export const recordDigest = (record: Fields): string => createHash("sha256").update(encode(record)).digest("hex");
