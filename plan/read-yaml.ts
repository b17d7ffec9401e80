/** Reads YAML into plain data, remembering on which line everything stands. */
import { LineCounter, isNode, parseDocument, type Document } from "yaml";
import type { PlanProblem } from "./problems.ts";

export interface ReadText {
  readonly data: unknown;
  /** Line of the value at a path, or of the nearest thing around it. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** The data, or every syntax error. */
export function readYaml(text: string): ReadText | readonly PlanProblem[] {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, stringKeys: true, logLevel: "silent" });
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) return faults.map(({ message, pos }) => syntaxProblem(message, lines.linePos(pos[0]).line));
    return { data: document.toJS(), lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    // Aliases that multiply and nesting without end are only found while the text is read.
    return [syntaxProblem(error instanceof Error ? error.message : String(error))];
  }
}

export const isRead = (outcome: ReadText | readonly PlanProblem[]): outcome is ReadText => "lineOf" in outcome;

function syntaxProblem(message: string, line?: number): PlanProblem {
  const rule = (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
  const problem = { path: "", value: "the file", rule: `cannot be read as YAML: ${rule}`, remedy: "correct it there" };
  return line === undefined ? problem : { ...problem, line };
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}
