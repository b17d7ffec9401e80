/** Text for a terminal that may be narrow. */
import type { ColourOutput } from "./colour.ts";

export interface Terminal extends ColourOutput {
  columns?: number | undefined;
}

/** Columns of a terminal; no limit elsewhere, since a log or a ticket breaks lines itself. */
export const columnsOf = ({ isTTY, columns }: Terminal): number =>
  isTTY === true && columns !== undefined && columns > 0 ? columns : Number.POSITIVE_INFINITY;

/** Breaks lines that are too long at spaces; what is broken off is indented by two more. Longer words stay whole. */
export const fold = (text: string, columns: number): string =>
  text
    .split("\n")
    .flatMap((line) => foldLine(line, columns))
    .join("\n");

function foldLine(line: string, columns: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let rest = line;
  while (rest.length > columns) {
    const start = lines.length === 0 ? indent.length : indent.length + 2;
    const space = breakAt(rest, start, columns);
    if (space === -1) break;
    lines.push(rest.slice(0, space).trimEnd());
    rest = `${indent}  ${rest.slice(space).trimStart()}`;
  }
  return [...lines, rest];
}

/** The last space that fits, or the first one behind a word that does not. */
function breakAt(line: string, start: number, columns: number): number {
  const fitting = line.lastIndexOf(" ", columns);
  return fitting > start ? fitting : line.indexOf(" ", Math.max(start, columns));
}
