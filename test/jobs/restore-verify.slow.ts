import { once } from "node:events";
import { createServer } from "node:net";
import { GetMetricDataCommand, CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import type { ServedDatabase } from "./support/served-database.ts";
import { startFront } from "../../drill/images/index.ts";
import { bucketKeys, metrics, standbyEvidenceKey } from "../../contract/index.ts";
import type { Database } from "../../jobs/database/client.ts";
import { restoreEvidenceKey, type Evidence } from "../../jobs/evidence.ts";
import { fenceToleranceSeconds } from "../../jobs/points/clock.ts";
import { openStage, password, regions, type Stage } from "./support/stage.ts";
import { fill } from "./support/vapora.ts";

describe("the restore test", function () {
  this.timeout(60_000);
  let stage: Stage;
  let source: ServedDatabase;
  let scratch: ServedDatabase;
  let active: NodeJS.ProcessEnv;
  let environment: NodeJS.ProcessEnv;
  let database: Database;

  before(async () => {
    stage = await openStage();
    source = await stage.serve("source");
    scratch = await stage.serve("scratch");
    active = stage.environment("primary", source);
    environment = { ...active, SCRATCH_DATABASE_URL: scratch.url };
    await stage.job("prepare-database", active);
    database = stage.database(source, "main");
    await fill(database, 1000);
  });
  after(() => stage.stop());

  const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1001 - (Date.now() % 1000)));
  async function evidence(): Promise<Evidence> {
    const store = stage.store("primary");
    const newest = (await store.keys(bucketKeys.restoreEvidencePrefix)).at(-1) ?? "";
    return JSON.parse((await store.text(newest)) ?? "{}") as Evidence;
  }
  async function lastMetric(name: string, since = Date.now() - 600_000): Promise<number | undefined> {
    const client = new CloudWatchClient({ region: regions.primary });
    const Metric = {
      Namespace: "VaporaContinuity",
      MetricName: name,
      Dimensions: [{ Name: "Application", Value: "vapora-test" }],
    };
    const query = { Id: "m", MetricStat: { Metric, Period: 1, Stat: "Minimum" } };
    const [StartTime, EndTime] = [new Date(since), new Date(Date.now() + 60_000)];
    const { MetricDataResults } = await client.send(
      new GetMetricDataCommand({ MetricDataQueries: [query], StartTime, EndTime }),
    );
    client.destroy();
    const { Timestamps = [], Values = [] } = MetricDataResults?.[0] ?? {};
    const newest = Timestamps.map(Number).indexOf(Math.max(...Timestamps.map(Number)));
    return Values[newest];
  }

  it("fails, with a metric, if there is nothing to test", async () => {
    const { status, result } = await stage.job("restore-verify", environment);
    expect(status).to.equal(1);
    expect(result["error"]).to.contain("no usable recovery point in points-primary");
    expect(await lastMetric(metrics.restoreVerified)).to.equal(0);
    const watch = await stage.job("recovery-point-watch --once", environment);
    expect(watch.status).to.equal(1);
    expect(watch.result["error"]).to.contain("no verified recovery point");
    expect(await lastMetric(metrics.verifiedRecoveryPointAge)).to.equal(undefined);
  });

  it("restores the newest full export and its changes, compares everything and writes locked evidence", async () => {
    await nextSecond();
    const full = await stage.job("export", active);
    await database.query("CREATE project:n SET name = 'n'");
    const changes = await stage.job("export --changes", active);
    expect(changes.result["kind"], JSON.stringify(changes)).to.equal("changes");
    await nextSecond();
    const { status, result } = await stage.job("restore-verify", environment);
    expect(status, JSON.stringify(result)).to.equal(0);
    expect(result).to.include({ verified: true, full: full.result["slot"], slot: changes.result["slot"], rows: 1011 });
    expect(await evidence()).to.deep.include({ by: "restore-verify", verified: true, differences: [] });
    const key = (await stage.store("primary").keys(bucketKeys.restoreEvidencePrefix)).at(-1) ?? "";
    expect((await stage.store("primary").facts(key)).lockedUntil?.getTime()).to.be.above(Date.now());
    expect(key).to.match(new RegExp(`^${restoreEvidenceKey(new Date()).slice(0, 30)}`));
    expect(await lastMetric(metrics.restoreVerified)).to.equal(1);
    const [info] = (await stage.database(scratch, "").query("INFO FOR NS")) as [{ databases: object }];
    expect(Object.keys(info.databases).filter((name) => name.startsWith("verify"))).to.deep.equal([]);
  });

  it("is not what the watch measures: only what a standby has restored can take over, and its age counts from the snapshot", async () => {
    const alone = await stage.job("recovery-point-watch --once", environment);
    expect(alone.status).to.equal(1);
    expect(alone.result["error"]).to.contain("the alternate site's standby has no verified recovery point");
    const restored = await evidence();
    const key = standbyEvidenceKey(restored.slot);
    await stage.store("primary").putJson(key, { ...restored, by: "standby-sync", site: "alternate" });
    const stray = `${bucketKeys.standbyEvidencePrefix}stray.json`;
    await stage.store("primary").putJson(stray, {});
    await nextSecond();
    const { status, result } = await stage.job("recovery-point-watch --once", environment);
    expect(status, JSON.stringify(result)).to.equal(0);
    const age = (Date.now() - Date.parse(restored.snapshotAt)) / 1000;
    expect(result["ageSeconds"]).to.be.closeTo(age, 2);
    expect(await lastMetric(metrics.verifiedRecoveryPointAge)).to.be.closeTo(age, 2);
    expect(await lastMetric(metrics.refusedRecoveryPoints)).to.equal(1);
    expect(result["overdue"]).to.deep.equal([]);
    expect(await lastMetric(metrics.overdueJobs)).to.equal(0);
  });

  it("is overdue, like an export, if the plan's interval has passed", async () => {
    const often = { CHANGE_EXPORT_INTERVAL_SECONDS: "1", CHANGE_EXPORT_RUN_SECONDS: "1" };
    const soon = { RESTORE_TEST_INTERVAL_SECONDS: "1", RESTORE_TEST_RUN_SECONDS: "1" };
    for (let second = 0; second < 4; second++) await nextSecond();
    const { result } = await stage.job("recovery-point-watch --once", { ...environment, ...often, ...soon });
    const late = result["overdue"] as { job: string; lateSeconds: number }[];
    expect(
      late.map(({ job }) => job),
      JSON.stringify(result),
    ).to.deep.equal(["export-changes", "restore-verify"]);
    expect(late.every(({ lateSeconds }) => lateSeconds >= 1)).to.equal(true);
    expect(await lastMetric(metrics.overdueJobs)).to.equal(2);
    const isolated = { ...environment, ...often, ...soon, SITE_ROLE: "isolated" };
    await stage.job("recovery-point-watch --once", isolated);
    expect(await lastMetric(metrics.overdueJobs), "no job has to run on a fenced site").to.equal(0);
  });

  it("reports differences in evidence and metric, and fails", async () => {
    const store = stage.store("primary");
    const slot = (await store.slots("full")).at(-1) ?? "";
    const manifest = await store.manifest("full", slot);
    if (!manifest) throw new Error("no manifest");
    const { ledger } = manifest.tables;
    if (ledger) ledger.digest = "0".repeat(64);
    manifest.definitions.sections["PARAMS"] = "0".repeat(64);
    await store.putJson(`${bucketKeys.fullPrefix}${slot}/${bucketKeys.manifest}`, manifest);
    await nextSecond();
    const { status, result } = await stage.job("restore-verify", environment);
    expect(status).to.equal(1);
    expect(result["differences"]).to.have.members([
      "table ledger has 1000 rows with different content",
      "definitions of PARAMS differ",
    ]);
    expect(await evidence()).to.include({ verified: false });
    expect(await lastMetric(metrics.restoreVerified)).to.equal(0);
  });

  it("detects a missing access key in the secret store", async () => {
    await nextSecond();
    await stage.job("export", active);
    const { status, result } = await stage.job("restore-verify", {
      ...environment,
      ACCESS_KEYS_SECRET_ID: "not-there",
    });
    expect(status).to.equal(1);
    expect(String(result["differences"])).to.contain("accesses:");
  });

  it("times out if the scratch database accepts connections but never responds", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const changed = { DATABASE_TIMEOUT_SECONDS: "0.3", PREPARE_TIMEOUT_SECONDS: "1" };
    const startedAt = performance.now();
    const url = `http://127.0.0.1:${port}`;
    const { status, result } = await stage.job("restore-verify", {
      ...environment,
      ...changed,
      SCRATCH_DATABASE_URL: url,
    });
    silent.close();
    expect(status).to.equal(1);
    expect(result["error"]).to.contain("the database did not respond within 1 s");
    expect(await lastMetric(metrics.restoreVerified)).to.equal(0);
    expect(performance.now() - startedAt).to.be.below(10_000);
  });

  it("publishes the failure metric at its time limit too", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const [url, seconds] = [`http://127.0.0.1:${port}`, "1"];
    await nextSecond();
    const startedAt = Date.now();
    const changed = { SCRATCH_DATABASE_URL: url, RESTORE_TIMEOUT_SECONDS: seconds };
    const { status, result } = await stage.job("restore-verify", { ...environment, ...changed });
    silent.close();
    expect(status).to.equal(1);
    expect(result["error"]).to.contain("timed out after 1 s");
    expect(await lastMetric(metrics.restoreVerified, startedAt)).to.equal(0);
  });

  it("does not certify what a stale writer wrote after another site took over", async () => {
    const store = stage.store("primary");
    await nextSecond();
    const last = await stage.job("export", active);
    await nextSecond();
    const stale = await stage.job("export", active);
    expect(stale.status).to.equal(0);
    const since = new Date(
      Date.parse(String(stale.result["snapshotAt"])) - fenceToleranceSeconds * 1000 - 1,
    ).toISOString();
    await store.putJson(bucketKeys.writer, { site: "alternate", epoch: 2, since });
    const { status, result } = await stage.job("restore-verify", environment);
    expect(status, JSON.stringify(result)).to.equal(0);
    expect(result).to.include({ full: last.result["slot"], epoch: 1 });
  });

  it("cannot use storage opened by another server: its path is locked, and that times out", async () => {
    const url = `rocksdb:${stage.run.directory}/scratch`;
    const startedAt = performance.now();
    const error = await startFront({ url, pass: password, openTimeoutSeconds: 2 }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
    expect(performance.now() - startedAt).to.be.below(10_000);
  });
});
