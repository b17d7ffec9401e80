import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { compareLedger, readLedger, startLoad, type Load } from "../../drill/load/index.ts";
import { Laboratory } from "../../drill/laboratory/laboratory.ts";
import { readDrillOptions } from "../../drill/options.ts";
import { Recorder } from "../../drill/laboratory/recorder.ts";
import type { FailoverResult } from "../../continuity/failover/index.ts";
import { createProgress } from "../../continuity/progress.ts";
import { probeSite } from "../../continuity/site-probe.ts";
import type { SiteStatus } from "../../continuity/status.ts";
import { defaultProbes, siteEndpoint, writesStopWithinSeconds } from "../../contract/index.ts";
import { examplePlan } from "../support/example-plan.ts";

const main = fileURLToPath(new URL("../../continuity/main.ts", import.meta.url));
const plan = examplePlan();
const seeded = 20;
/** Far above the number of writes in this file, to distinguish the entries of the two loads. */
const leftBehind = 1_000_000;

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** No region is lost: both are up, users write to the primary, and failover is called. */
describe("a failover while the primary is up", function () {
  this.timeout(300_000);
  let lab: Laboratory;
  let load: Load;
  /** Users of the primary's own name, whatever the public one resolves to. */
  let loyal: Load;
  let primary: { url: string; host: string };
  let alternate: { url: string; host: string };
  let result: FailoverResult;

  const continuity = async (command: string, ...options: string[]): Promise<Ended> => {
    const { directory, env } = lab.commandLine("alternate");
    const resolve = Object.entries(await lab.resolve()).map(([host, url]) => `${host}=${url}`);
    const words = [main, command, "--project", directory, ...options, "--resolve", ...resolve];
    const child = spawn(process.execPath, words, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = { status: null as number | null, stdout: "", stderr: "" };
    child.stdout.on("data", (data) => (ended.stdout += data));
    child.stderr.on("data", (data) => (ended.stderr += data));
    return new Promise((done) => child.once("close", (status) => done({ ...ended, status })));
  };
  const write = (target: { url: string; host: string }, firstNumber: number): Load =>
    startLoad({ ...target, ratePerSecond: 10, requestTimeoutSeconds: 2, firstNumber });

  before(async () => {
    const progress = createProgress({ write: () => true });
    const options = readDrillOptions({ rows: String(seeded) });
    lab = await Laboratory.open(plan, options, progress, new Recorder("region-loss", seeded));
    await lab.deploy();
    await lab.openTraffic();
    await lab.users.seed(seeded);
    const { settings, resolve = {} } = await lab.failoverContext("alternate");
    const at = (host: string) => ({ host, url: resolve[host] ?? "" });
    [primary, alternate] = [at(settings.otherHostname), at(settings.siteHostname)];
    const { slot } = await lab.runExport("full");
    await lab.untilVerified(slot);
    load = write({ url: lab.users.url, host: lab.users.hostname }, seeded);
    loyal = write(primary, leftBehind);
    await delay(2000);
  });
  after(async () => {
    await Promise.allSettled([load?.stop(), loyal?.stop()]);
    await lab?.close();
  });

  it("is refused with status 2 and the facts, and changes nothing", async () => {
    for (const options of [["--yes"], ["--dry-run"]]) {
      const { status, stderr } = await continuity("failover", "--stack", "dr", ...options);
      expect(stderr).to.match(/the primary site serves users: primary\.\S+ responds as the primary site, ready/);
      expect(status).to.equal(2);
    }
    expect([await lab.role("primary"), await lab.role("alternate")]).to.deep.equal(["active", "standby"]);
    expect((await continuity("status", "--stack", "prod", "dr")).status).to.equal(0);
  });

  it("fences the primary first if forced, and then succeeds", async () => {
    const { status, stdout, stderr } = await continuity(
      ...["failover", "--stack", "dr", "--yes", "--json", "--force-unplanned"],
    );
    expect(status, stderr).to.equal(0);
    result = JSON.parse(stdout) as FailoverResult;
    const { fence, steps } = result;
    expect(fence?.problems).to.deep.equal([]);
    expect(fence?.buckets).to.have.length(2);
    const fencing = steps.find(({ name }) => name === "Fence");
    const promotion = steps.find(({ name }) => name === "Last import");
    expect(fencing?.endedAt).to.be.at.most(promotion?.startedAt ?? 0);
    const took = ((fence?.stoppedAt ?? Number.NaN) - (fencing?.startedAt ?? 0)) / 1000;
    expect(took, "seconds until the primary stopped").to.be.below(writesStopWithinSeconds);
  });

  it("leaves one writer, in the epoch of the record", async () => {
    const probe = ({ url, host }: typeof primary) =>
      probeSite({
        hostname: host,
        endpoint: siteEndpoint(undefined),
        probe: defaultProbes.traffic,
        resolve: { [host]: url },
      });
    expect(await probe(primary)).to.include({ answers: true, serves: false });
    expect(await probe(alternate)).to.include({ site: "alternate", serves: true });
    expect(result.promotion.result?.["epoch"]).to.equal(result.fence?.writer?.epoch);
  });

  it("acknowledges no write on the old site after it stopped, and loses only those since the recovery point", async () => {
    await delay(1000);
    await Promise.all([load.stop(), loyal.stop()]);
    const stoppedAt = result.fence?.stoppedAt ?? Number.NaN;
    const late = loyal.acknowledged.filter(({ ackedAt }) => ackedAt > stoppedAt);
    expect(late, "confirmed to users who stayed").to.deep.equal([]);
    const acknowledged = [...load.acknowledged, ...loyal.acknowledged];
    const entries = await readLedger(alternate.url, alternate.host);
    const { lostAcknowledged, duplicates } = compareLedger({ acknowledged, entries });
    expect(duplicates).to.deep.equal([]);
    expect(lostAcknowledged, "writes were under way").not.to.deep.equal([]);
    expect(load.acknowledged.at(-1)?.ackedAt, "users write to the new site").to.be.above(result.trafficSwitchedAt);
    for (const { at, ackedAt } of lostAcknowledged) {
      expect(Date.parse(at)).to.be.above(result.recoveryPoint.snapshotAt);
      expect(ackedAt).to.be.at.most(stoppedAt);
    }
  });

  it("leaves only the stack to be updated as a problem in status", async () => {
    const { stdout } = await continuity("status", "--stack", "prod", "dr", "--json");
    const sites = JSON.parse(stdout) as SiteStatus[];
    expect(sites.map(({ role, serves }) => [role, serves])).to.deep.equal([
      ["isolated", false],
      ["active", true],
    ]);
    expect(sites.flatMap(({ problems }) => problems)).to.deep.equal([]);
  });
});
