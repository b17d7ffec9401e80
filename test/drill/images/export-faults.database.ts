import { expect } from "chai";
import { startFront } from "../../../drill/images/index.ts";
import type { Front } from "../../../drill/images/index.ts";
import { spoil } from "../../../drill/images/surrealdb/export-faults.ts";

const headers = { authorization: `Basic ${btoa("root:root")}`, "surreal-ns": "n", "surreal-db": "d" };

describe("export faults of the local database", () => {
  let front: Front;
  let whole: string;
  const dump = (): Promise<string> => fetch(`${front.url}/export`, { headers }).then((r) => r.text());
  const rows = (text: string): number => text.split("{ id: ").length - 1;
  const switchTo = (fault: string | null): Promise<Response> =>
    fetch(`${front.url}/local/faults`, { method: "PUT", headers, body: JSON.stringify({ export: fault }) });

  before(async () => {
    front = await startFront();
    const tables = ["a", "b", "c", "d", "e", "f"];
    const body = tables.map((t) => `FOR $n IN 1..=50 { CREATE type::record("${t}", $n) }`).join(";");
    await fetch(`${front.url}/sql`, { method: "POST", headers, body });
    whole = await dump();
    expect(rows(whole)).to.equal(300);
  });
  after(() => front.stop());
  afterEach(() => {
    front.faults.export = front.faults.exportOf = undefined;
  });

  it("ends cleanly between two statements, with rows missing", async () => {
    front.faults.export = "truncate-statement";
    const text = await dump();
    expect(text).to.match(/;\n$/);
    expect(whole.startsWith(text)).to.equal(true);
    expect(rows(text)).to.be.greaterThan(0).and.lessThan(300);
  });

  it("ends in the middle of a statement", async () => {
    front.faults.export = "truncate";
    const text = await dump();
    expect(whole.startsWith(text)).to.equal(true);
    expect(text).not.to.match(/;\s*$/);
  });

  it("loses rows but is well-formed", async () => {
    front.faults.export = "lose-rows";
    const text = await dump();
    expect(text).to.match(/TABLE DATA: f/);
    expect(rows(text)).to.be.lessThan(150);
  });

  it("holds the header only", async () => {
    front.faults.export = "empty";
    expect(await dump()).to.match(/OPTION IMPORT;\n$/);
  });

  it("breaks the connection halfway", async () => {
    front.faults.export = "abort";
    const failure = await dump().then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure).to.be.instanceOf(TypeError);
  });

  it("stalls halfway", async () => {
    front.faults.export = "hang";
    const abort = new AbortController();
    const response = await fetch(`${front.url}/export`, { headers, signal: abort.signal });
    expect(response.status).to.equal(200);
    const ended = response.text().then(
      () => "ended",
      () => "aborted",
    );
    const waited = new Promise((resolve) => setTimeout(resolve, 200, "waiting"));
    expect(await Promise.race([ended, waited])).to.equal("waiting");
    abort.abort();
    expect(await ended).to.equal("aborted");
  });

  it("returns an error", async () => {
    front.faults.export = "status";
    expect((await fetch(`${front.url}/export`, { headers })).status).to.equal(500);
  });

  it("is set over HTTP by root only, to known faults only", async () => {
    expect((await switchTo("empty")).status).to.equal(200);
    expect(front.faults.export).to.equal("empty");
    expect((await switchTo("nonsense")).status).to.equal(400);
    expect(front.faults.export).to.equal("empty");
    expect((await switchTo(null)).status).to.equal(200);
    expect(await dump()).to.equal(whole);
    const stranger = { method: "PUT", body: JSON.stringify({ export: "empty" }) };
    expect((await fetch(`${front.url}/local/faults`, stranger)).status).to.equal(401);
  });

  it("affects only the configured database", async () => {
    Object.assign(front.faults, { export: "empty", exportOf: "another" });
    expect(await dump()).to.equal(whole);
    front.faults.exportOf = "d";
    expect(rows(await dump())).to.equal(0);
  });

  it("changes nothing without a fault", () => expect(spoil(whole, undefined)).to.equal(whole));
});
