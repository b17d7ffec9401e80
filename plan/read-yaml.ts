/** Parses YAML into plain data, with the line of each value. */
import { LineCounter, isNode, parseDocument, type Document, type YAMLError } from "yaml";
import { cut } from "./cut.ts";
import { shown, type Problem } from "./problems.ts";

export interface ReadText {
  readonly data: unknown;
  /** Line of the value at a path, or of its nearest enclosing value. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** Returns the data, or the syntax errors. */
export function readYaml(text: string): ReadText | readonly Problem[] {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, stringKeys: true, logLevel: "error" });
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) return syntaxProblems(text, lines, faults);
    return { data: document.toJS(), lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    // Alias expansion and excessive nesting are only detected during conversion.
    return [syntaxProblem(error instanceof Error ? error.message : String(error))];
  }
}

export const isRead = (outcome: ReadText | readonly Problem[]): outcome is ReadText => "lineOf" in outcome;

/** One syntax error often causes many others, so only the first few are reported. */
const mostSyntaxProblems = 5;

function syntaxProblems(text: string, lines: LineCounter, faults: readonly YAMLError[]): Problem[] {
  const written = text.split("\n");
  const firstOfLine = new Map<number, string>();
  for (const { message, pos } of faults.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const { line } = lines.linePos(pos[0]);
    if (!firstOfLine.has(line)) firstOfLine.set(line, message);
  }
  return [...firstOfLine]
    .slice(0, mostSyntaxProblems)
    .map(([line, message]) => ({ ...syntaxProblem(message), line, value: shown((written[line - 1] ?? "").trim()) }));
}

function syntaxProblem(message: string): Problem {
  const rule = (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
  return { where: "", value: "the file", rule: `cannot be read as YAML: ${cut(rule)}`, remedy: "correct it" };
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}
