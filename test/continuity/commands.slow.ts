import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { bucketKeys, recoveryPointBucket } from "../../contract/index.ts";
import { Laboratory } from "../../drill/laboratory/laboratory.ts";
import { readDrillOptions } from "../../drill/options.ts";
import { Recorder } from "../../drill/laboratory/recorder.ts";
import type { FailoverResult } from "../../continuity/failover/index.ts";
import { createProgress } from "../../continuity/progress.ts";
import type { SiteStatus } from "../../continuity/status.ts";
import { examplePlan } from "../support/example-plan.ts";

const main = fileURLToPath(new URL("../../continuity/main.ts", import.meta.url));
const plan = examplePlan();

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** The commands as separate processes, against two deployed regions. */
describe("commands against deployed stacks", function () {
  this.timeout(300_000);
  let lab: Laboratory;

  const continuity = async (command: string, ...options: string[]): Promise<Ended> => {
    const { directory, env } = lab.commandLine("alternate");
    const child = spawn(process.execPath, [main, command, ...options, "--project", directory], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = { status: null as number | null, stdout: "", stderr: "" };
    child.stdout.on("data", (data) => (ended.stdout += data));
    child.stderr.on("data", (data) => (ended.stderr += data));
    return new Promise((resolve) => child.once("close", (status) => resolve({ ...ended, status })));
  };

  before(async () => {
    const progress = createProgress({ write: () => true });
    lab = await Laboratory.open(plan, readDrillOptions({ rows: "50" }), progress, new Recorder("region-loss", 50));
    await lab.deploy();
    await lab.openTraffic();
    await lab.users.seed(50);
  });
  after(() => lab?.close());

  it("status reports a standby without a verified recovery point as unhealthy", async () => {
    const { status, stdout } = await continuity("status", "--stack", "prod", "dr");
    expect(stdout).to.match(/prod: primary site in eu-west-1, role active/);
    expect(stdout).to.match(/dr: alternate site in eu-central-1, role standby/);
    expect(stdout).to.match(/no recovery point has been restored and verified at this site/);
    expect(status).to.equal(1);
  });

  it("failover does not start without a recovery point, and changes nothing", async () => {
    const { status, stderr } = await continuity("failover", "--stack", "dr", "--yes");
    expect(status).to.equal(2);
    expect(stderr).to.match(/the failover was not started\n {2}- no recovery point has been restored and verified/);
    expect(await lab.role("alternate")).to.equal("standby");
  });

  it("failover asks for confirmation, and does not start without an answer", async () => {
    const { status, stderr } = await continuity("failover", "--stack", "dr");
    expect([status, stderr]).to.deep.equal([
      2,
      "continuity: cannot ask for confirmation without a terminal\n  - add --yes to confirm\n",
    ]);
  });

  it("status is healthy once the recovery point was restored in the alternate region", async () => {
    const { slot } = await lab.runExport("full");
    await lab.untilVerified(slot);
    const { status, stdout } = await continuity("status", "--stack", "dr", "--json");
    const [site] = JSON.parse(stdout) as SiteStatus[];
    expect(site?.problems).to.deep.equal([]);
    expect(site?.recoveryPoint).to.include({ slot, withinRpo: true });
    expect(status).to.equal(0);
  });

  const resolved = async (): Promise<string[]> => [
    "--resolve",
    ...Object.entries(await lab.resolve()).map(([host, url]) => `${host}=${url}`),
  ];

  it("failover --dry-run reports the primary that still serves, and its own name if unreachable", async () => {
    const unresolved = await continuity("failover", "--stack", "dr", "--dry-run");
    expect(unresolved.stderr).to.match(/the alternate site's own name is unusable/);
    const { status, stderr } = await continuity("failover", "--stack", "dr", "--dry-run", ...(await resolved()));
    expect(stderr).to.match(/the failover would not start\n {2}- the primary site serves users: .*--force-unplanned/);
    expect([unresolved.status, status]).to.deep.equal([2, 2]);
  });

  it("failover --dry-run checks and changes nothing", async () => {
    const forced = ["--dry-run", "--force-unplanned", ...(await resolved())];
    const { status, stderr } = await continuity("failover", "--stack", "dr", ...forced);
    expect(stderr)
      .to.match(/the primary site serves users/)
      .and.to.match(/ready to fail over/);
    expect(status).to.equal(0);
    expect(await lab.role("alternate")).to.equal("standby");
  });

  it("writer show reports a forged record, and writer set restores the rightful writer and its exports", async () => {
    const { env } = lab.commandLine("primary");
    const { AWS_ENDPOINT_URL: endpoint = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = env;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    const { topology } = (await lab.failoverContext("primary")).settings;
    const s3 = new S3Client({ region: topology.primaryRegion, endpoint, credentials });
    const Bucket = recoveryPointBucket(topology, "primary");
    const Body = JSON.stringify({ site: "alternate", epoch: 7, since: new Date().toISOString() });
    await s3.send(new PutObjectCommand({ Bucket, Key: bucketKeys.writer, Body }));
    s3.destroy();
    const forged = await continuity("writer", "show", "--stack", "prod", "dr");
    expect(forged.stdout).to.match(/eu-west-1: alternate since .* in epoch 7/);
    expect([forged.status, forged.stderr]).to.deep.equal([1, ""]);

    const because = ["--by", "ada", "--reason", "forged for a test", "--yes", "--json"];
    const set = await continuity("writer", "set", "--stack", "prod", "--site", "primary", ...because);
    expect(set.status, set.stdout + set.stderr).to.equal(0);
    expect(JSON.parse(set.stdout)).to.deep.include({ databaseEpoch: 8, problems: [] });
    const { slot } = await lab.runExport("full");
    await lab.untilVerified(slot);
    const mended = await continuity("writer", "show", "--stack", "prod", "dr");
    expect(mended.stdout).to.match(/primary +in use \(database main\), epoch 8/);
    expect(mended.status, mended.stdout).to.equal(0);
  });

  it("failover moves the service while the primary region is dead", async () => {
    const lostAt = await lab.loseRegion("primary");
    const options = ["--yes", "--json", ...(await resolved())];
    const { status, stdout, stderr } = await continuity("failover", "--stack", "dr", ...options);
    expect(status, stderr).to.equal(0);
    const result = JSON.parse(stdout) as FailoverResult;
    expect(result.steps.map((step) => step.outcome)).not.to.include("failed");
    expect(result.evidence).to.match(/^evidence\/failover\//);
    expect(await lab.role("alternate")).to.equal("active");
    expect(await lab.users.readLedger()).to.have.length(50);
    expect(Object.values(lab.callsAfter(lostAt, result.endedAt)).flat()).to.deep.equal([]);
  });

  it("failover can be repeated", async () => {
    const { status, stderr } = await continuity("failover", "--stack", "dr", "--yes", ...(await resolved()));
    expect(stderr).to.match(/already active/);
    expect(status, stderr).to.equal(0);
  });

  it("failover leaves no field that conflicts with the next role change", async () => {
    const { stack } = await lab.failoverContext("alternate");
    await stack.setRole("standby");
    await stack.up();
  });

  it("status reports the dead region instead of hanging", async () => {
    const began = performance.now();
    const { status, stdout } = await continuity("status", "--stack", "prod");
    expect(stdout).to.match(/the cluster is unreachable/);
    expect(status).to.equal(1);
    expect(performance.now() - began).to.be.below(30_000);
  });
});
