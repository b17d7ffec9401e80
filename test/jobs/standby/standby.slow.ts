import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { ServedDatabase } from "../support/served-database.ts";
import { bucketKeys, standbyEvidenceKey } from "../../../contract/index.ts";
import { forge, isAccepted } from "../../../jobs/database/accesses.ts";
import type { Database } from "../../../jobs/database/client.ts";
import { readState } from "../../../jobs/database/state.ts";
import type { Evidence } from "../../../jobs/evidence.ts";
import { fenceToleranceSeconds } from "../../../jobs/points/clock.ts";
import { manifestKey } from "../../../jobs/points/store.ts";
import { summarize } from "../../../jobs/points/summary.ts";
import { compareTables } from "../../../jobs/restore/verify.ts";
import { listGenerations } from "../../../jobs/standby/generations.ts";
import { accountKey, bucketOf, openStage, regions, type Stage } from "../support/stage.ts";
import { fill } from "../support/vapora.ts";

const program = fileURLToPath(new URL("../../../jobs/main.ts", import.meta.url));

describe("the standby", function () {
  this.timeout(90_000);
  let stage: Stage;
  let source: ServedDatabase;
  let standby: ServedDatabase;
  let active: NodeJS.ProcessEnv;
  let passive: NodeJS.ProcessEnv;
  let database: Database;
  let server: Database;

  beforeEach(async () => {
    stage = await openStage();
    [source, standby] = [await stage.serve("source"), await stage.serve("standby")];
    active = stage.environment("primary", source);
    // One bucket serves as both: replication is not tested here.
    const copies = { BUCKET: bucketOf("primary"), BUCKET_REGION: regions.primary };
    const evidence = { EVIDENCE_BUCKET: copies.BUCKET, EVIDENCE_BUCKET_REGION: copies.BUCKET_REGION };
    passive = stage.environment("alternate", standby, { ...copies, ...evidence });
    passive = { ...passive, LEASE_SECONDS: "2", STANDBY_POLL_SECONDS: "0.2" };
    await stage.job("prepare-database", active);
    await stage.job("prepare-database", passive);
    database = stage.database(source, "main");
    server = stage.database(standby, "");
    await fill(database, 2000);
  });
  afterEach(() => stage.stop());

  const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1001 - (Date.now() % 1000)));

  /** Runs a job that must succeed. */
  async function run(words: string, environment: NodeJS.ProcessEnv) {
    await nextSecond();
    const { status, result } = await stage.job(words, environment);
    expect(status, JSON.stringify(result)).to.equal(0);
    return result;
  }
  const evidenceOf = async (slot: unknown): Promise<Evidence> =>
    JSON.parse((await stage.store("primary").text(standbyEvidenceKey(String(slot)))) ?? "{}") as Evidence;

  /** Except for the table without a changefeed, whose changes only a full export has. */
  async function sameAsSource(name: unknown): Promise<void> {
    const copy = stage.database(standby, String(name));
    const [a, b] = [await summarize(await database.export()), await summarize(await copy.export())];
    delete a.tables["audit"];
    delete b.tables["audit"];
    expect(compareTables(a.tables as never, b.tables)).to.deep.equal([]);
  }

  it("follows each full and change export, with evidence, and allows no traffic", async () => {
    const full = await run("export", active);
    const first = await run("standby-sync --once", passive);
    expect(first["verified"]).to.deep.equal([full["slot"]]);
    await sameAsSource(first["database"]);
    expect(await evidenceOf(full["slot"])).to.include({ kind: "full", verified: true, snapshotAt: full["snapshotAt"] });

    await database.query("CREATE project:n SET name = 'n', x = 1f; DELETE ledger:5;");
    const changes = await run("export --changes", active);
    const second = await run("standby-sync --once", passive);
    expect(second).to.include({ database: first["database"], recoveryPoint: changes["slot"] });
    await sameAsSource(second["database"]);
    expect(await evidenceOf(changes["slot"])).to.include({ kind: "changes", full: full["slot"], verified: true });
    expect(await readState(server)).to.include({
      ready: false,
      database: first["database"],
      recoveryPoint: changes["slot"],
    });
    expect((await run("standby-sync --once", passive))["verified"]).to.deep.equal([]);
    const watch = await run("recovery-point-watch --once", passive);
    expect(watch).to.include({ slot: changes["slot"], kind: "changes" });
    const ageSeconds = (Date.now() - Date.parse(String(changes["snapshotAt"]))) / 1000;
    expect(watch["ageSeconds"], "counts from the snapshot").to.be.closeTo(ageSeconds, 2);
  });

  it("switches to a full export that arrived after changes of the previous one", async () => {
    const store = stage.store("primary");
    await run("export", active);
    await run("standby-sync --once", passive);
    const late = await run("export", active);
    const Key = manifestKey("full", String(late["slot"]));
    const manifest = await store.manifest("full", String(late["slot"]));
    const s3 = stage.s3("primary");
    await s3.send(new DeleteObjectCommand({ Bucket: bucketOf("primary"), Key }));
    await database.query("CREATE project:c SET name = 'c'");
    const between = await run("export --changes", active);
    expect((await run("standby-sync --once", passive))["recoveryPoint"]).to.equal(between["slot"]);

    await store.putJson(Key, manifest ?? {});
    await database.query("CREATE project:d SET name = 'd'");
    const last = await run("export --changes", active);
    const result = await run("standby-sync --once", passive);
    expect(result).to.include({ recoveryPoint: last["slot"], database: `g${String(late["slot"])}` });
    await sameAsSource(result["database"]);
    s3.destroy();
  });

  it("keeps the generation before the newest one, and no more", async () => {
    const names: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      await run("export", active);
      names.push((await run("standby-sync --once", passive))["database"]);
    }
    const kept = (await listGenerations(server)).map(({ name }) => name);
    expect(kept).to.deep.equal(names.slice(1));
    const [info] = (await server.query("INFO FOR NS")) as [{ databases: object }];
    expect(Object.keys(info.databases).filter((name) => name.startsWith("g"))).to.deep.equal(names.slice(1));
  });

  it("never uses a recovery point that does not match its manifest", async () => {
    const good = await run("export", active);
    await run("standby-sync --once", passive);
    const bad = await run("export", active);
    const store = stage.store("primary");
    const manifest = await store.manifest("full", String(bad["slot"]));
    await store.upload(manifest?.parts[0]?.key ?? "", spoiled(await store.stream(manifest?.parts[0]?.key ?? "")));
    const [refused] = (await run("standby-sync --once", passive))["refused"] as { key: string; reason: string }[];
    expect(refused?.key).to.equal(manifestKey("full", String(bad["slot"])));
    // Which check detects it first depends on the position of the damage.
    expect(refused?.reason).to.match(/cannot read|does not match its manifest|unexpected text among the rows/);
    expect(await readState(server)).to.include({ recoveryPoint: good["slot"], ready: false });
    expect(await evidenceOf(bad["slot"])).to.deep.equal({});
    const promoted = await run("standby-sync --promote", passive);
    expect(promoted["recoveryPoint"]).to.equal(good["slot"]);
  });

  it("continues after being killed at any moment", async () => {
    await run("export", active);
    const full = await run("standby-sync --once", passive);
    await database.query(
      "UPDATE ledger SET payload = 'changed' WHERE n < 1500 RETURN NONE; CREATE project:n SET name = 'n';",
    );
    await run("export --changes", active);
    const second = await run("export", active);
    for (const afterMilliseconds of [250, 400, 550, 700, 850, 1000]) {
      const child = spawn(process.execPath, [program, "standby-sync", "--once"], {
        env: { ...process.env, ...passive },
        stdio: "ignore",
      });
      setTimeout(() => child.kill("SIGKILL"), afterMilliseconds);
      await once(child, "exit");
      const state = await readState(server);
      expect(state).to.include({ ready: false });
    }
    const last = await run("standby-sync --once", passive);
    expect(last["recoveryPoint"]).to.equal(second["slot"]);
    expect(last["database"]).not.to.equal(full["database"]);
    await sameAsSource(last["database"]);
    expect(await evidenceOf(second["slot"])).to.include({ verified: true });
    expect((await listGenerations(server)).every(({ state }) => state === "verified")).to.equal(true);
  });

  it("is promoted with everything left in the bucket: real keys, sequences ahead, others fenced, then ready", async () => {
    await run("export", active);
    await run("standby-sync --once", passive);
    await database.query("CREATE ledger:9001 SET n = 9001, at = time::now(), payload = 'late'");
    const changes = await run("export --changes", active);
    const [drawn] = await database.query("RETURN sequence::nextval('ticket')");

    const promoted = await run("standby-sync --promote", passive);
    expect(promoted).to.include({ recoveryPoint: changes["slot"], snapshotAt: changes["snapshotAt"], epoch: 2 });
    expect(promoted["tables"]).to.include({ ledger: 2001, audit: 3 });
    await sameAsSource(promoted["database"]);
    const copy = stage.database(standby, String(promoted["database"]));
    expect(await isAccepted(copy, forge(copy, "account", "512"))).to.equal(false);
    expect(await isAccepted(copy, forge(copy, "account", "512", accountKey))).to.equal(true);
    const [next] = await copy.query("RETURN sequence::nextval('ticket')");
    expect(next).to.be.above(Number(drawn));
    expect(await readState(server)).to.include({ ready: true, epoch: 2 });
    expect(await stage.store("primary").writer()).to.include({ site: "alternate", epoch: 2 });
    expect((await stage.job("export", active)).result["error"]).to.contain("site alternate has been the writer");
    expect(await run("standby-sync --promote", passive)).to.include({ outcome: "skipped" });
    expect(await run("standby-sync --once", passive)).to.include({ outcome: "skipped" });
  });

  it("is not promoted without a verified recovery point, nor without the keys", async () => {
    const without = await stage.job("standby-sync --promote", passive);
    expect(without.status).to.equal(1);
    expect(without.result["error"]).to.contain("no verified recovery point");
    await run("export", active);
    await run("standby-sync --once", passive);
    const keyless = await stage.job("standby-sync --promote", { ...passive, ACCESS_KEYS_SECRET_ID: "nothing" });
    expect(keyless.status).to.equal(1);
    expect(await readState(server)).to.include({ ready: false });
    expect(await stage.store("primary").writer()).to.equal(undefined);
  });

  it("refuses a recovery point that the old writer made after the promotion", async () => {
    await run("export", active);
    await run("standby-sync --once", passive);
    // Long enough ago that the old writer's guard must have read it.
    const since = new Date(Date.now() - fenceToleranceSeconds * 1000).toISOString();
    await stage.store("primary").putJson(bucketKeys.writer, { site: "primary", epoch: 1, since });
    const late = await run("export", active);
    await stage.store("primary").putJson(bucketKeys.writer, { site: "alternate", epoch: 2, since });
    const result = await run("standby-sync --once", passive);
    expect(result["recoveryPoint"]).not.to.equal(late["slot"]);
  });

  it("is demoted when another site has taken over, and follows it", async () => {
    await run("export", active);
    await run("standby-sync --promote", passive);
    const returned = { ...active, SITE_ROLE: "standby" };
    await run("prepare-database", { ...passive, SITE_ROLE: "active" });
    const fresh = await run("export", { ...passive, SITE_ROLE: "active" });
    const result = await run("standby-sync --once", returned);
    expect(result["recoveryPoint"]).to.equal(fresh["slot"]);
    expect(await readState(stage.database(source, ""))).to.include({
      ready: false,
      database: `g${String(fresh["slot"])}`,
    });
  });

  it("fails when stopped during an import, and reports the recovery point", async () => {
    await fill20k(database);
    const full = await run("export", active);
    const child = spawn(process.execPath, [program, "standby-sync"], {
      env: { ...process.env, ...passive },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const said: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => said.push(piece));
    await untilTrue(async () => (await listGenerations(server)).length > 0);
    child.kill("SIGTERM");
    const [status] = (await once(child, "exit")) as [number];
    expect(status).to.equal(1);
    const result = JSON.parse(Buffer.concat(said).toString()) as object;
    expect(result).to.include({ outcome: "failed", unfinished: full["slot"] });
    expect((await run("standby-sync --once", passive))["recoveryPoint"]).to.equal(full["slot"]);
  });

  it("yields to a promotion, and ends when stopped, leaving nothing behind", async () => {
    await run("export", active);
    const TMPDIR = mkdtempSync(join(tmpdir(), "standby-test-"));
    const child = spawn(process.execPath, [program, "standby-sync"], {
      env: { ...process.env, ...passive, TMPDIR },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const said: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => said.push(piece));
    await untilTrue(async () => (await readState(server))?.recoveryPoint !== undefined);
    const promoted = await run("standby-sync --promote", { ...passive, TMPDIR });
    expect(promoted["outcome"]).to.equal("succeeded");
    child.kill("SIGTERM");
    const [status] = (await once(child, "exit")) as [number];
    expect(status).to.equal(0);
    const result = JSON.parse(Buffer.concat(said).toString()) as { outcome: string; verifiedPoints: number };
    expect(result).to.include({ outcome: "succeeded", verifiedPoints: 1 });
    expect(readdirSync(TMPDIR)).to.deep.equal([]);
    rmdirSync(TMPDIR);
  });
});

/** Enough rows for a long import. */
async function fill20k(database: Database): Promise<void> {
  for (let from = 10_000; from < 30_000; from += 2000) {
    await database.query(`INSERT INTO ledger (SELECT VALUE { id: type::record('ledger', $this), n: $this, at: time::now(),
      payload: 'entry' } FROM array::range(${from}, ${from + 2000})) RETURN NONE`);
  }
}

/** A stream with one byte changed in the middle. */
async function* spoiled(stream: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  for await (const piece of stream) {
    const copy = Buffer.from(piece);
    copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
    yield copy;
  }
}

async function untilTrue(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error("never became true");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
