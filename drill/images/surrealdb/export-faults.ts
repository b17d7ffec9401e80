/**
 * Export failures seen in the field, for tests and drills; the real server has no such switch.
 *
 * All but `status` start as a success (HTTP 200), which makes them dangerous.
 */
import type { ServerResponse } from "node:http";

export const exportFaults = {
  /** Ends within a statement. */
  truncate: "ends in the middle of a statement",
  /** Ends between two statements, with the rest missing. */
  "truncate-statement": "ends cleanly between two statements",
  /** Well-formed, but three of four inserts are missing. */
  "lose-rows": "well-formed, most rows missing",
  /** Header only. */
  empty: "header only",
  /** The connection breaks halfway. */
  abort: "connection breaks halfway",
  /** Stalls halfway, indefinitely. */
  hang: "stalls halfway, indefinitely",
  /** Returns HTTP 500. */
  status: "answers HTTP 500",
} as const;

export type ExportFault = keyof typeof exportFaults;

export const isExportFault = (value: unknown): value is ExportFault =>
  typeof value === "string" && Object.hasOwn(exportFaults, value);

const half = (dump: string): string => dump.slice(0, Math.ceil(dump.length / 2));

function loseRows(dump: string): string {
  let inserts = 0;
  const kept = dump.split("\n").filter((line) => !line.startsWith("INSERT ") || inserts++ % 4 === 3);
  return kept.join("\n");
}

/** Part of a dump that is sent under a fault. */
export function spoil(dump: string, fault: ExportFault | undefined): string {
  if (fault === "truncate-statement") {
    const cut = dump.lastIndexOf(";\n", dump.length / 2);
    return cut < 0 ? "" : dump.slice(0, cut + 2);
  }
  if (fault === "truncate") {
    const inserts = dump.lastIndexOf("INSERT ");
    return dump.slice(0, inserts < 0 ? dump.length / 2 : inserts + 12);
  }
  if (fault === "empty") return dump.slice(0, dump.indexOf("OPTION IMPORT;") + "OPTION IMPORT;\n".length);
  if (fault === "lose-rows") return loseRows(dump);
  return fault === "abort" || fault === "hang" ? half(dump) : dump;
}

/** Ends the response according to the fault. */
export function finish(response: ServerResponse, fault: ExportFault | undefined): void {
  if (fault === "hang") return;
  if (fault === "abort") response.destroy();
  else response.end();
}
