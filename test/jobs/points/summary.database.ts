import { expect } from "chai";
import fc from "fast-check";
import { ExportFormatError, ExportReader } from "../../../jobs/points/reader.ts";
import { ExportSummarizer, summarize, type ExportSummary } from "../../../jobs/points/summary.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";
import { fill } from "../support/vapora.ts";

/** Text that misleads line-based and bracket-counting parsers. */
const hostile = [
  "a\nb",
  "line\u2028separator\u2029and\u0085",
  "carriage\r\nreturn",
  "} ] ) { [ (",
  "' \" ` / \\",
  "-- TABLE DATA: other",
  "INSERT [ { id: x:1 } ];",
  "\\",
  "\\'",
  "\u0000\u0007",
  "é ü 漢字 🎉",
];

function chunked(text: Buffer, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < text.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(text.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function summaryOf(chunks: Iterable<Buffer>): ExportSummary {
  const summarizer = new ExportSummarizer();
  // A copy, overwritten afterwards: chunks must be copied to be kept.
  for (const chunk of chunks) {
    const copy = Buffer.from(chunk);
    summarizer.push(copy);
    copy.fill(63);
  }
  return summarizer.finish();
}

describe("reading an export", () => {
  let text: Buffer;
  let whole: ExportSummary;

  before(async () => {
    const database = await freshDatabase();
    await fill(database, 30);
    for (const [index, payload] of hostile.entries()) {
      const variables = { index, payload, key: { [payload]: payload }, id: payload };
      await database.query(
        `CREATE type::record('agent', $id) SET n = $index, text = $payload, nested = { list: [$payload, [$key]] };
         CREATE type::record('agent', [$id, $index]) SET empty = {}, none = [], pattern = 'x';`,
        variables,
      );
    }
    await database.query("DEFINE TABLE `odd name` SCHEMALESS; CREATE `odd name`:1 SET x = 1;");
    const pieces: Buffer[] = [];
    for await (const piece of await database.export()) pieces.push(piece);
    text = Buffer.concat(pieces);
    whole = summaryOf([text]);
  });
  after(stopEngine);

  it("counts the rows of every table of a real export", () => {
    const rows = Object.fromEntries(Object.entries(whole.tables).map(([name, table]) => [name, table.rows]));
    expect(rows).to.deep.equal({
      account: 1,
      accounts_by_name: 1,
      agent: hostile.length * 2,
      audit: 3,
      ledger: 30,
      "odd name": 1,
      owns: 2,
      project: 2,
      task: 2,
    });
    expect(whole.sections).to.include.keys("ACCESSES", "FUNCTIONS", "SEQUENCES", "TABLE: ledger", "TABLE: odd name");
  });

  it("gives the same summary regardless of chunk boundaries", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 12 }), (sizes) => {
        expect(summaryOf(chunked(text, sizes))).to.deep.equal(whole);
      }),
      { numRuns: 60 },
    );
    expect(summaryOf(chunked(text, [1]))).to.deep.equal(whole);
  });

  it("never accepts a truncated export: it is rejected, or its summary differs", () => {
    const statementEnd = text.lastIndexOf("];\n") + 3;
    fc.assert(
      fc.property(fc.nat({ max: statementEnd - 1 }), (at) => {
        let cut: ExportSummary | undefined;
        try {
          cut = summaryOf([text.subarray(0, at)]);
        } catch (error) {
          expect(error).to.be.instanceOf(ExportFormatError);
        }
        expect(cut).not.to.deep.equal(whole);
      }),
      { numRuns: 200 },
    );
  });

  it("detects one changed byte in a row", () => {
    const at = text.indexOf("entry 7 ");
    const changed = Buffer.from(text);
    changed[at] = "E".charCodeAt(0);
    expect(summaryOf([changed]).tables["ledger"]?.digest).not.to.equal(whole.tables["ledger"]?.digest);
  });

  it("gives the same digest regardless of how rows are grouped into statements", () => {
    const grouped = Buffer.from(text.toString().replaceAll(/ \}, \{ at: /g, " } ];\nINSERT [ { at: "));
    expect(grouped.length).to.be.above(text.length);
    expect(summaryOf([grouped])).to.deep.equal(whole);
  });

  it("rejects anything else among rows", () => {
    const rule = "-- ------------------------------";
    const head = `${rule}\n-- TABLE DATA: a\n${rule}\n\n`;
    const good = `${head}INSERT [ { id: a:1 } ];\n`;
    expect(summaryOf([Buffer.from(good)]).tables["a"]?.rows).to.equal(1);
    const bad = [
      "DELETE a;\n",
      "INSERT [ { id: a:1 } ] x;\n",
      "INSERT [ 1 ];\n",
      "INSERT [ { id:\n a:1 } ];\n",
      "INSERT",
    ];
    for (const line of bad) expect(() => summaryOf([Buffer.from(head + line)]), line).to.throw(ExportFormatError);
  });

  it("does not end a row within text, a record id or a regular expression", () => {
    const rule = "-- ------------------------------";
    const rows = [
      "{ a: '}', id: a:1 }",
      '{ a: "} \' ]", id: a:`} ]` }',
      "{ a: /}'\\/]/, id: a:2 }",
      "{ a: '\\'}', id: a:3 }",
    ];
    const seen: string[] = [];
    const ignore = () => undefined;
    const reader = new ExportReader({ section: ignore, definition: ignore, row: (row) => seen.push(row.toString()) });
    reader.push(Buffer.from(`${rule}\n-- TABLE DATA: a\n${rule}\n\nINSERT [ ${rows.join(", ")} ];\n`));
    reader.end();
    expect(seen).to.deep.equal(rows);
  });

  it("keeps multi-line definitions in their section", async () => {
    const stream = async function* () {
      yield text;
    };
    expect(await summarize(stream())).to.deep.equal(whole);
    expect(text.toString()).to.contain("-- TABLE: none");
    expect(Object.keys(whole.sections)).not.to.include("TABLE: none'");
  });
});
