/** Imports a full recovery point in chunks of bounded size, checking the outcome of every statement. */
import { identifier, isBusyAnswer, QueryError, type Database } from "../database/client.ts";
import { ExportReader, type RowKind } from "../points/reader.ts";
import type { FullManifest } from "../points/manifest.ts";
import { readPart } from "../points/parts.ts";
import type { PointStore } from "../points/store.ts";
import type { JobContext } from "../result.ts";

export interface ImportOptions {
  /** Size of one request, in bytes; bounds memory. */
  chunkBytes: number;
  /** Time limit for building one index, which may exceed that of a query. */
  indexTimeoutSeconds: number;
  signal: AbortSignal;
}

/** Derives the options from a job's settings. */
export function importOptions(
  settings: { IMPORT_CHUNK_BYTES: number; INDEX_TIMEOUT_SECONDS: number },
  context: JobContext,
): ImportOptions {
  const { IMPORT_CHUNK_BYTES, INDEX_TIMEOUT_SECONDS } = settings;
  return { chunkBytes: IMPORT_CHUNK_BYTES, indexTimeoutSeconds: INDEX_TIMEOUT_SECONDS, signal: context.signal };
}

/** Imports into a database that must not exist; does not verify the content. */
export async function importFull(
  store: PointStore,
  manifest: FullManifest,
  target: Database,
  options: ImportOptions,
): Promise<void> {
  await target.other("").query(`DEFINE DATABASE ${identifier(target.name)}`);
  const views = Object.keys(manifest.tables).filter((name) => manifest.tables[name]?.view);
  const importer = new Importer(target, options, views);
  for (const part of manifest.parts) await importer.feed(readPart(store, part));
  await importer.finish(manifest.definitions.leftOut);
}

const opening: Record<RowKind, string> = { record: "INSERT [", relation: "INSERT RELATION [" };

class Importer {
  private readonly target: Database;
  private readonly options: ImportOptions;
  private readonly views: ReadonlySet<string>;
  /** Statements not sent yet. */
  private waiting: string[] = [];
  private waitingBytes = 0;
  private rows: Buffer[] = [];
  private rowBytes = 0;
  private rowKind: RowKind = "record";
  private definitions: string[] = [];
  /** Built after the data: inserting into an indexed table is several times slower. */
  private readonly indexes: string[] = [];
  /**
   * Views are defined last and their exported rows skipped: the engine must populate a view itself, or it rejects later
   * writes to the underlying tables.
   */
  private readonly viewDefinitions: string[] = [];
  private inView = false;
  private readonly reader = new ExportReader({
    section: (title) => this.startSection(title),
    definition: (line) => this.addDefinition(line),
    row: (row, kind) => this.addRow(row, kind),
  });

  constructor(target: Database, options: ImportOptions, views: string[]) {
    this.target = target;
    this.options = options;
    this.views = new Set(views);
  }

  async feed(text: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of text) {
      this.options.signal.throwIfAborted();
      this.reader.push(chunk);
      if (this.waitingBytes >= this.options.chunkBytes) await this.send();
    }
  }

  async finish(leftOut: string[]): Promise<void> {
    this.reader.end();
    this.endSection();
    for (const sql of leftOut) this.add(`${sql};`);
    await this.send();
    for (const sql of this.indexes) await this.run(`OPTION IMPORT;\n${sql}`, this.options.indexTimeoutSeconds);
    for (const sql of this.viewDefinitions) await this.run(sql, this.options.indexTimeoutSeconds);
  }

  private addDefinition(line: Buffer): void {
    const text = line.toString();
    const complete = this.definitions.at(-1)?.endsWith(";") ?? true;
    if (complete && !this.inView && text.startsWith("DEFINE INDEX ")) this.indexes.push(text);
    else this.definitions.push(text);
  }

  private addRow(row: Buffer, kind: RowKind): void {
    if (this.inView) return;
    if (kind !== this.rowKind || this.rowBytes >= this.options.chunkBytes) this.endRows();
    this.rowKind = kind;
    this.rows.push(row);
    this.rowBytes += row.length;
  }

  private startSection(title: string): void {
    this.endSection();
    this.inView = this.views.has(/^TABLE(?: DATA)?: (.*)$/s.exec(title)?.[1] ?? "");
  }

  private endSection(): void {
    this.endRows();
    // Sent as a whole: only the server can tell where a multi-line definition ends.
    const sql = this.definitions.join("\n");
    if (this.inView && sql) this.viewDefinitions.push(sql);
    else if (sql) this.add(sql);
    this.definitions = [];
  }

  private endRows(): void {
    if (this.rows.length > 0) {
      this.add(`${opening[this.rowKind]} ${this.rows.map(String).join(", ")} ] RETURN NONE;`);
    }
    this.rows = [];
    this.rowBytes = 0;
  }

  private add(sql: string): void {
    this.waiting.push(sql);
    this.waitingBytes += sql.length;
  }

  private async send(): Promise<void> {
    const statements = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    if (statements.length > 0) await this.run(`OPTION IMPORT;\n${statements.join("\n")}`);
  }

  private async run(sql: string, timeoutSeconds?: number): Promise<void> {
    this.options.signal.throwIfAborted();
    const outcomes = await this.target.attempt(sql, {}, timeoutSeconds);
    const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
    if (errors.length > 0) {
      const shown = [...new Set(errors)].slice(0, 5).join("; ");
      throw new QueryError(
        `import into ${this.target.name}: ${errors.length} of ${outcomes.length} statements failed: ${shown}`,
        errors.some(isBusyAnswer),
      );
    }
  }
}
