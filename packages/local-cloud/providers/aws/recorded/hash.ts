/** Deterministic ids from the identity of a record. */
import { createHash } from "node:crypto";

export interface Hash {
  /** Hexadecimal, up to 64 digits. */
  hex(length: number): string;
  /** Capital letters and digits, up to 32 of them. */
  capitals(length: number): string;
  uuid(): string;
}

export function hashOf(...identity: unknown[]): Hash {
  const digest = createHash("sha256").update(JSON.stringify(identity)).digest();
  const hex = digest.toString("hex");
  const capitals = [...digest].map((byte) => (byte % 36).toString(36).toUpperCase()).join("");
  return {
    hex: (length) => hex.slice(0, length),
    capitals: (length) => capitals.slice(0, length),
    uuid: () => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5"),
  };
}
