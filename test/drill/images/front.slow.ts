import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { engineBinary } from "../../../drill/images/build.ts";
import { bundleFile, ensureBundles } from "../../../drill/images/bundles.ts";
import { openRun, spawnTied } from "@vapora-continuity/local-cloud/run";
import type { Run, Tied } from "@vapora-continuity/local-cloud/run";
import { eventually } from "./small-site.ts";

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

describe("local database server as a process", function () {
  this.timeout(30_000);
  let program: string;
  let run: Run;
  let port: number;
  let server: Tied;

  before(async () => {
    program = join(await ensureBundles(console.log), bundleFile("database"));
    run = await openRun("front-test");
    port = await freePort();
  });
  after(() => run.close());

  const start = (label: string, pass: string, at = port): Tied => {
    const env = { SURREAL_USER: "root", SURREAL_PASS: pass, SURREALDB_ENGINE_FILE: engineBinary() };
    const words = [program, "start", "--bind", `127.0.0.1:${at}`, `rocksdb:${run.directory}/data`];
    return spawnTied(process.execPath, words, { run, label, env });
  };
  const healthy = async (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  const sql = async (pass: string, statements: string): Promise<unknown> => {
    const headers = { authorization: `Basic ${btoa(`root:${pass}`)}`, "surreal-ns": "n", "surreal-db": "d" };
    const response = await fetch(`http://127.0.0.1:${port}/sql`, { method: "POST", headers, body: statements });
    return response.ok ? ((await response.json()) as { result: unknown }[]).at(-1)?.result : response.status;
  };

  it("responds quickly, and stops within a second", async () => {
    const began = performance.now();
    server = start("first", "secret");
    await eventually(healthy);
    console.log(`      answers after ${Math.round(performance.now() - began)} ms`);
    expect(await sql("secret", "CREATE kept:1; SELECT VALUE id FROM kept")).to.deep.equal(["kept:1"]);
    const told = performance.now();
    await server.stop();
    expect((await server.exited).code).to.equal(0);
    expect(performance.now() - told).to.be.lessThan(1000);
  });

  it("keeps the data and the first root user across a restart", async () => {
    server = start("second", "changed");
    await eventually(healthy);
    expect(await sql("changed", "RETURN 1")).to.equal(401);
    expect(await sql("secret", "SELECT VALUE id FROM kept")).to.deep.equal(["kept:1"]);
  });

  it("rejects storage opened by another process, without hanging", async () => {
    const other = start("other", "secret", await freePort());
    expect((await other.exited).code).to.equal(1);
    expect(other.logTail()).to.match(/lock/i);
  });

  it("keeps every acknowledged write when killed", async () => {
    let acknowledged = 0;
    const write = async (): Promise<void> => {
      while (await sql("secret", "CREATE counted").then(Array.isArray, () => false)) acknowledged++;
    };
    const writers = [write(), write(), write()];
    await eventually(() => acknowledged > 30, 20);
    await server.kill();
    await Promise.all(writers);
    server = start("third", "secret");
    await eventually(healthy);
    const [row] = (await sql("secret", "SELECT count() FROM counted GROUP ALL")) as { count: number }[];
    expect(row?.count).to.be.at.least(acknowledged);
  });
});
