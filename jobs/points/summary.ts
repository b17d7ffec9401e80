/** Summary of an export: rows and digest per table, digest per section of definitions. */
import { createHash, type Hash } from "node:crypto";
import { ExportReader } from "./reader.ts";

interface TableSummary {
  rows: number;
  /** SHA-256 over the table's rows in id order, each followed by a line break. */
  digest: string;
}

export interface ExportSummary {
  tables: Record<string, TableSummary>;
  /** SHA-256 over the lines of each section of definitions, by title. */
  sections: Record<string, string>;
}

const dataTitle = "TABLE DATA: ";
/** The `OPTION IMPORT` statement: neither definition nor data. */
const optionTitle = "OPTION";

/** Computes the summary while the export streams through; the result does not depend on chunk boundaries. */
export class ExportSummarizer {
  private readonly tables = new Map<string, { rows: number; hash: Hash }>();
  private readonly sections = new Map<string, Hash>();
  private table: { rows: number; hash: Hash } | undefined;
  private section: Hash | undefined;
  private readonly reader = new ExportReader({
    section: (title) => this.open(title),
    definition: (line) => this.section?.update(line).update("\n"),
    row: (row) => {
      if (!this.table) throw new Error("a row outside of a table");
      this.table.rows++;
      this.table.hash.update(row).update("\n");
    },
  });

  push(chunk: Buffer): void {
    this.reader.push(chunk);
  }

  finish(): ExportSummary {
    this.reader.end();
    const tables: ExportSummary["tables"] = {};
    for (const [name, { rows, hash }] of this.tables) tables[name] = { rows, digest: hash.digest("hex") };
    const sections: ExportSummary["sections"] = {};
    for (const [title, hash] of this.sections) {
      if (title !== optionTitle) sections[title] = hash.digest("hex");
    }
    return { tables, sections };
  }

  private open(title: string): void {
    this.table = undefined;
    this.section = undefined;
    if (title.startsWith(dataTitle)) {
      this.table = { rows: 0, hash: createHash("sha256") };
      this.tables.set(title.slice(dataTitle.length), this.table);
    } else {
      this.section = createHash("sha256");
      this.sections.set(title, this.section);
    }
  }
}

/** Summarizes a complete stream. */
export async function summarize(stream: AsyncIterable<Buffer>): Promise<ExportSummary> {
  const summarizer = new ExportSummarizer();
  for await (const chunk of stream) summarizer.push(chunk);
  return summarizer.finish();
}

export const totalRows = (tables: Record<string, { rows: number }>): number =>
  Object.values(tables).reduce((sum, table) => sum + table.rows, 0);

export const digestOf = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");
