/**
 * Streaming parser for database exports, with memory bounded by the longest row: separates sections, definitions and
 * rows, and rejects a text with an incomplete end.
 *
 * Works on bytes: only "\n" ends a line, whatever Unicode considers a line break.
 */

export interface ExportEvents {
  /** Section title, e.g. `FUNCTIONS`, `TABLE: project`, `TABLE DATA: project`. */
  section(title: string): void;
  /** One line of definitions. A definition may span several: function bodies keep their line breaks. */
  definition(line: Buffer): void;
  /** One row of the current `TABLE DATA` section, without the separators around it. */
  row(row: Buffer, kind: RowKind): void;
}

/** Records and graph edges are inserted by different statements. */
export type RowKind = "record" | "relation";

/** The text is not a complete export. */
export class ExportFormatError extends Error {}

const newline = 10;
const rule = "-- ------------------------------";
const inserts: Record<string, RowKind> = { "INSERT [": "record", "INSERT RELATION [": "relation" };
const longestInsert = Math.max(...Object.keys(inserts).map((text) => text.length));

const code = (character: string): number => character.charCodeAt(0);
const [openBrace, closeBrace, closeBracket] = [code("{"), code("}"), code("]")];
const [backslash, comma, space, semicolon, dash] = [code("\\"), code(","), code(" "), code(";"), code("-")];
const opening = new Set([openBrace, code("["), code("(")]);
const closing = new Set([closeBrace, closeBracket, code(")")]);
/** Delimiters of strings, record-id parts and regular expressions, in which brackets have no meaning. */
const quotes = new Set([code("'"), code('"'), code("`"), code("/")]);

type State = "line" | "between-rows" | "row" | "after-rows";

export class ExportReader {
  private readonly events: ExportEvents;
  private state: State = "line";
  /** Chunks of an incomplete line or row. */
  private pieces: Buffer[] = [];
  private inData = false;
  private afterRule = false;
  /** The separator line below a `TABLE DATA` title has not been read yet. */
  private awaitRule = false;
  private kind: RowKind = "record";
  private depth = 0;
  /** Closing delimiter of the current literal; 0 outside of literals. */
  private closing = 0;
  private escaped = false;
  private prefix = "";

  constructor(events: ExportEvents) {
    this.events = events;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.state === "line") at = this.inData ? this.dataLine(chunk, at) : this.plainLine(chunk, at);
      else if (this.state === "row") at = this.row(chunk, at);
      else if (this.state === "between-rows") at = this.betweenRows(chunk, at);
      else at = this.afterRows(chunk, at);
    }
  }

  /** Ends the input; throws if it is incomplete. */
  end(): void {
    if (this.state !== "line" || this.pieces.length > 0 || this.prefix !== "") {
      throw new ExportFormatError("the export ends in the middle of a statement");
    }
  }

  private plainLine(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(newline, at);
    if (end < 0) {
      this.pieces.push(Buffer.from(chunk.subarray(at)));
      return chunk.length;
    }
    this.finishLine(this.collected(chunk.subarray(at, end)));
    return end + 1;
  }

  private finishLine(line: Buffer): void {
    const text = line.length > 2 && line[0] === dash && line[1] === dash ? line.toString() : "";
    if (text === rule) {
      this.afterRule = true;
    } else if (this.afterRule && text.startsWith("-- ")) {
      this.afterRule = false;
      const title = text.slice(3);
      this.events.section(title);
      this.inData = title.startsWith("TABLE DATA: ");
      this.awaitRule = this.inData;
    } else {
      this.afterRule = false;
      if (line.length > 0) this.events.definition(line);
    }
  }

  /** A line within data: empty, a section separator or an INSERT. */
  private dataLine(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === newline) {
        this.finishDataLine();
        return at + 1;
      }
      this.prefix += String.fromCharCode(byte);
      const kind = inserts[this.prefix];
      if (kind) {
        this.begin(kind);
        return at + 1;
      }
      if (this.prefix.length > longestInsert && !rule.startsWith(this.prefix)) this.unexpected(this.prefix);
    }
    return chunk.length;
  }

  private finishDataLine(): void {
    const line = this.prefix;
    this.prefix = "";
    if (line === "") return;
    if (line !== rule) this.unexpected(line);
    if (this.awaitRule) {
      this.awaitRule = false;
      return;
    }
    this.inData = false;
    this.afterRule = true;
  }

  private begin(kind: RowKind): void {
    this.prefix = "";
    this.kind = kind;
    this.state = "between-rows";
  }

  private betweenRows(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === openBrace) {
        this.state = "row";
        this.depth = 0;
        return at;
      }
      if (byte === closeBracket) {
        this.state = "after-rows";
        return at + 1;
      }
      if (byte !== comma && byte !== space) this.unexpected(String.fromCharCode(byte));
    }
    return chunk.length;
  }

  private row(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === newline) this.unexpected("a line break inside a row");
      if (this.closing) this.inLiteral(byte);
      else if (quotes.has(byte)) this.closing = byte;
      else if (opening.has(byte)) this.depth++;
      else if (closing.has(byte)) {
        if (--this.depth > 0) continue;
        this.events.row(this.collected(chunk.subarray(from, at + 1)), this.kind);
        this.state = "between-rows";
        return at + 1;
      }
    }
    this.pieces.push(Buffer.from(chunk.subarray(from)));
    return chunk.length;
  }

  private inLiteral(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (byte === backslash) this.escaped = true;
    else if (byte === this.closing) this.closing = 0;
  }

  private afterRows(chunk: Buffer, at: number): number {
    const byte = chunk[at] as number;
    if (byte === newline && this.prefix === ";") {
      this.prefix = "";
      this.state = "line";
    } else if (byte === semicolon && this.prefix === "") this.prefix = ";";
    else this.unexpected(String.fromCharCode(byte));
    return at + 1;
  }

  private collected(last: Buffer): Buffer {
    if (this.pieces.length === 0) return last;
    const whole = Buffer.concat([...this.pieces, last]);
    this.pieces = [];
    return whole;
  }

  private unexpected(what: string): never {
    throw new ExportFormatError(`unexpected text among the rows of an export: ${JSON.stringify(what.slice(0, 80))}`);
  }
}
