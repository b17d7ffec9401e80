import { expect } from "chai";
import type { ServedDatabase } from "../support/served-database.ts";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { bucketKeys, metricDimension, metricNamespace, metrics } from "../../../contract/index.ts";
import type { Database } from "../../../jobs/database/client.ts";
import { openStage, type Stage } from "../support/stage.ts";
import { fill } from "../support/vapora.ts";

const minutes = Math.floor(Date.now() / 60_000);

describe("the export job", function () {
  this.timeout(60_000);
  let stage: Stage;
  let front: ServedDatabase;
  let database: Database;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    stage = await openStage();
    front = await stage.serve("source");
    environment = stage.environment("primary", front);
    expect((await stage.job("prepare-database", environment)).status).to.equal(0);
    database = stage.database(front, "main");
    await fill(database, 3000);
  });
  after(() => stage.stop());
  afterEach(async () => {
    await front.fail(undefined);
    stage.aws.slow("eu-west-1", 0);
  });

  const points = () => stage.store("primary").slots("full");

  /** Maximum of a metric over the last minutes. */
  async function newest(metric: string): Promise<number | undefined> {
    const client = new CloudWatchClient({ region: "eu-west-1" });
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: metricNamespace,
        MetricName: metric,
        Dimensions: [{ Name: metricDimension, Value: "vapora-test" }],
        StartTime: new Date(Date.now() - 600_000),
        EndTime: new Date(Date.now() + 60_000),
        Period: 60,
        Statistics: ["Maximum"],
      }),
    );
    client.destroy();
    return Datapoints?.map(({ Maximum }) => Maximum ?? 0).sort((a, b) => b - a)[0];
  }

  /** Runs the job, which must fail without a recovery point; returns the reason. */
  async function refusal(changed: NodeJS.ProcessEnv = {}): Promise<string> {
    const before = await points();
    const { status, result } = await stage.job("export", { ...environment, ...changed });
    expect(result.outcome).to.equal("failed");
    expect(status).to.equal(1);
    expect(await points()).to.deep.equal(before);
    return String(result["error"]);
  }

  it("makes one recovery point per slot: a second run is skipped", async () => {
    const named = { ...environment, JOB_NAME: `export-${minutes - 25}` };
    const first = await stage.job("export", named);
    expect(first.result).to.include({ outcome: "succeeded", rows: 3011, metricPublished: true });
    expect(first.result["tablesWithoutFeed"]).to.deep.equal(["audit"]);
    const objects = await stage.store("primary").keys(bucketKeys.fullPrefix);
    const second = await stage.job("export", named);
    expect(second.status).to.equal(0);
    expect(second.result).to.include({ outcome: "skipped", slot: first.result["slot"] });
    expect(await stage.store("primary").keys(bucketKeys.fullPrefix)).to.deep.equal(objects);
  });

  it("writes a locked object", async () => {
    const store = stage.store("primary");
    const slot = (await points()).at(-1) ?? "";
    const manifest = await store.manifest("full", slot);
    const { lockedUntil } = await store.facts(manifest?.parts[0]?.key ?? "");
    expect(lockedUntil?.getTime()).to.be.above(Date.now() + 29 * 86_400_000);
  });

  it("rejects an export truncated within a statement", async () => {
    await front.fail("truncate");
    expect(await refusal()).to.contain("ends in the middle of a statement");
  });

  it("rejects an export truncated between two statements", async () => {
    await front.fail("truncate-statement");
    expect(await refusal()).to.match(/table \w+ is in the database but not complete|rows in the export, but/);
  });

  it("rejects a well-formed export with missing rows", async () => {
    await front.fail("lose-rows");
    expect(await refusal()).to.match(/table ledger has \d+ rows in the export, but the database had 3000 before/);
  });

  it("rejects an export with only the header, as of a missing database", async () => {
    await front.fail("empty");
    expect(await refusal()).to.contain("the export contains no tables");
  });

  it("fails if the connection breaks halfway", async () => {
    await front.fail("abort");
    expect(await refusal()).not.to.equal("");
  });

  it("times out if the export stalls halfway", async () => {
    await front.fail("hang");
    const startedAt = performance.now();
    expect(await refusal({ DATABASE_TIMEOUT_SECONDS: "1" })).to.contain("no response within 1 s");
    expect(performance.now() - startedAt).to.be.below(15_000);
  });

  it("fails if the server returns an error", async () => {
    await front.fail("status");
    expect(await refusal()).to.contain("export returned HTTP 500");
  });

  it("times out if the bucket does not respond", async () => {
    stage.aws.slow("eu-west-1", 60_000);
    const startedAt = performance.now();
    const { status } = await stage.job("export", {
      ...environment,
      AWS_TIMEOUT_SECONDS: "0.5",
      EXPORT_TIMEOUT_SECONDS: "10",
    });
    expect(status).to.equal(1);
    expect(performance.now() - startedAt).to.be.below(15_000);
  });

  it("ends at its overall time limit", async () => {
    await front.fail("hang");
    expect(await refusal({ EXPORT_TIMEOUT_SECONDS: "1" })).to.contain("timed out after 1 s");
  });

  it("keeps the recovery point of a database that lost most of its rows, marks it and publishes the metric", async () => {
    await database.query("DELETE ledger WHERE n > 100 RETURN NONE");
    const { status, result } = await stage.job("export", { ...environment, JOB_NAME: `export-${minutes - 20}` });
    expect(status, JSON.stringify(result)).to.equal(0);
    const slot = String(result["slot"]);
    const manifest = await stage.store("primary").manifest("full", slot);
    expect(manifest?.suspicious?.since).to.equal(`full ${slot}`);
    expect(manifest?.suspicious?.reasons.join()).to.match(
      /table ledger has 100 rows, 3000 in point full \S+: more than 10 %/,
    );
    const changes = await stage.job("export --changes", environment);
    expect(changes.result["suspicious"]).to.have.property("since", `full ${slot}`);
    expect(await newest(metrics.suspiciousRecoveryPoints)).to.equal(2);
  });

  it("keeps the recovery point but fails, also when repeated, while an access has no key in the secret store", async () => {
    await database.query("DEFINE ACCESS partner ON DATABASE TYPE JWT ALGORITHM HS256 KEY 'secret'");
    const named = { ...environment, JOB_NAME: `export-${minutes - 18}` };
    for (const attempt of [1, 2]) {
      const { status, result } = await stage.job("export", named);
      expect(status, `attempt ${attempt}`).to.equal(1);
      expect(result["error"]).to.contain("access partner has no key in the secret store").and.contain("accessNames");
      expect(await points()).to.include(String(result["slot"]));
    }
    expect(await newest(metrics.refusedRecoveryPoints)).to.equal(1);
    await database.query("REMOVE ACCESS partner ON DATABASE");
  });

  it("fails on a standby, and before the database is ready", async () => {
    expect(await refusal({ SITE_ROLE: "standby" })).to.contain("role is standby");
    const continuity = stage.database(front, "continuity");
    await continuity.query("UPDATE site:state SET ready = false, reason = 'restore under way'");
    expect(await refusal()).to.contain("restore under way");
    await continuity.query("UPDATE site:state SET ready = true");
  });

  it("does not depend on the metric when CloudWatch is down", async () => {
    stage.aws.fail("eu-west-1", { service: "monitoring", status: 503 });
    const { status, result } = await stage.job("export", { ...environment, JOB_NAME: `export-${minutes - 15}` });
    stage.aws.fail("eu-west-1", { service: "monitoring", status: 503, times: 0 });
    expect(status).to.equal(0);
    expect(result["metricPublished"]).to.equal(false);
  });

  it("rejects a part that the bucket does not lock for long enough", async () => {
    expect(await refusal({ RETENTION_DAYS: "90", JOB_NAME: `export-${minutes - 10}` })).to.contain(
      "must be locked for 90 days",
    );
  });

  it("fails while the bucket's record names another site as the writer", async () => {
    const since = new Date().toISOString();
    await stage.store("primary").putJson(bucketKeys.writer, { site: "alternate", epoch: 2, since });
    expect(await refusal()).to.contain("site alternate has been the writer");
    await stage.store("primary").putJson(bucketKeys.writer, { site: "primary", epoch: 1, since });
    const { status } = await stage.job("export", { ...environment, JOB_NAME: `export-${minutes}` });
    expect(status).to.equal(0);
  });
});
