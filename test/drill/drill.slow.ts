import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { DrillReport } from "../../drill/report/types.ts";

const main = fileURLToPath(new URL("../../continuity/main.ts", import.meta.url));
const planFile = fileURLToPath(new URL("../../plan/continuity.yaml", import.meta.url));

interface Ended {
  status: number | null;
  output: string;
}

/** A drill in its own temporary folder, so that its leftovers can be identified. */
class Drill {
  readonly directory = mkdtempSync(join(tmpdir(), "drill-test-"));
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  output = "";

  constructor(...options: string[]) {
    this.process = spawn(process.execPath, [main, "drill", "--out", join(this.directory, "out"), ...options], {
      env: { ...process.env, TMPDIR: this.directory },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on("data", (data) => (this.output += data));
    this.ended = new Promise((resolve) =>
      this.process.once("close", (status) => resolve({ status, output: this.output })),
    );
  }

  async said(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      if (this.process.exitCode !== null) throw new Error(`ended before it said ${pattern}:\n${this.output}`);
      await delay(50);
    }
  }

  get report(): DrillReport {
    return JSON.parse(readFileSync(join(this.directory, "out", "report.json"), "utf8"));
  }

  /** Processes with this drill's folder in their command line or environment. */
  processesLeft(): string[] {
    return readdirSync("/proc").filter((pid) => {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
      try {
        return ["cmdline", "environ"].some((file) => readFileSync(`/proc/${pid}/${file}`).includes(this.directory));
      } catch {
        return false;
      }
    });
  }

  foldersLeft(): string[] {
    return readdirSync(this.directory).filter((name) => name.startsWith("local-cloud"));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

describe("continuity drill", function () {
  this.timeout(420_000);
  const drills: Drill[] = [];
  const start = (...options: string[]): Drill => {
    const drill = new Drill(...options);
    drills.push(drill);
    return drill;
  };
  after(() => drills.forEach((drill) => drill.remove()));

  describe("two drills at once", () => {
    let healthy: Drill, faulty: Drill;
    let healthyEnd: Ended, faultyEnd: Ended;
    before(async () => {
      healthy = start("--rows", "2000");
      faulty = start("--rows", "200", "--fault", "export-loses-rows");
      [healthyEnd, faultyEnd] = await Promise.all([healthy.ended, faulty.ended]);
    });

    it("recovers the service within the plan's objectives after the loss of the primary region", () => {
      expect(healthyEnd.status, healthyEnd.output).to.equal(0);
      const { verdict, reasons, tiers, rpo } = healthy.report;
      expect(reasons).to.deep.equal([]);
      expect(verdict).to.equal("met");
      expect(tiers.map((tier) => tier.met)).to.deep.equal([true, true, true]);
      expect(rpo.actualSeconds).to.be.within(0.1, rpo.targetSeconds);
      expect(rpo.projectedWorstCaseSeconds).to.be.within(rpo.actualSeconds ?? 0, rpo.targetSeconds);
      expect(healthyEnd.output).to.match(/Verdict +MET/);
    });

    it("measures consistent times", () => {
      const { tiers, load, timeline } = healthy.report;
      const [first, second, third] = tiers.map((tier) => tier.rtoActualSeconds ?? Number.NaN);
      expect(first).to.be.above(1);
      expect(second).to.be.at.most(third ?? 0);
      expect(load.outageSeconds).to.be.closeTo(first ?? 0, 5);
      const lost = timeline.find((event) => event.title === "Region lost")?.atSeconds ?? Number.NaN;
      const gate = timeline.find((event) => event.title === "Phase 1");
      expect((gate?.atSeconds ?? 0) + (gate?.durationSeconds ?? 0) - lost).to.be.at.most(first ?? 0);
    });

    it("loses only writes after the recovery point, without duplicates, in order", () => {
      const { rpo, load } = healthy.report;
      expect(rpo).to.include({ duplicates: 0, outOfOrder: 0 });
      expect(rpo.lostAcknowledgedWrites, "writes went on until the loss").to.be.above(0);
      expect(rpo.lostAcknowledgedWrites).to.be.below(load.acknowledged);
      expect(rpo.oldestLostSeconds).to.be.at.most(rpo.actualSeconds ?? 0);
    });

    it("calls nothing in the lost region and no global control plane", () => {
      expect(healthy.report.callsAfterCut).to.deep.equal({
        primaryRegion: 0,
        globalControlPlanes: 0,
        primaryCluster: 0,
        details: [],
      });
    });

    it("creates every type for real, and records none", () => {
      const { realTypes, recordedTypes } = healthy.report;
      expect(realTypes).to.include.members([
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:iam/role:Role",
        "aws:kms/key:Key",
        "aws:route53/healthCheck:HealthCheck",
        "aws:route53/record:Record",
        "aws:s3/bucket:Bucket",
      ]);
      expect(recordedTypes).to.deep.equal([]);
    });

    it("writes a self-contained page", () => {
      const html = readFileSync(join(healthy.directory, "out", "report.html"), "utf8");
      expect(html)
        .to.contain("Targets met")
        .and.not.to.match(/<script|(src|href)=/);
    });

    it("is missed, with the reason, if the export fails silently", () => {
      expect(faultyEnd.status, faultyEnd.output).to.equal(1);
      expect(faulty.report.verdict).to.equal("missed");
      expect(faulty.report.reasons[0]).to.match(/Full export failed: .*ledger/);
      expect(faulty.report.rpo.recoveryPoint).to.equal(null);
      expect(faultyEnd.output).to.match(/Verdict +MISSED\n {2}- Full export failed: .+/);
    });

    it("leave no processes and no files", () => {
      for (const drill of [healthy, faulty]) {
        expect(drill.processesLeft()).to.deep.equal([]);
        expect(drill.foldersLeft()).to.deep.equal([]);
      }
    });
  });

  it("does not start with a misspelt field in the plan", async () => {
    const drill = start("--plan", join(mkdtempSync(join(tmpdir(), "drill-test-plan-")), "continuity.yaml"));
    drill.remove();
    const missing = await drill.ended;
    expect(missing.status).to.equal(2);

    const plan = join(mkdtempSync(join(tmpdir(), "drill-test-plan-")), "continuity.yaml");
    writeFileSync(plan, readFileSync(planFile, "utf8").replace("replicationBound:", "replicatonBound:"));
    const { status, output } = await start("--plan", plan).ended;
    expect(status).to.equal(2);
    expect(output).to.match(/replicatonBound.*did you mean replicationBound/);
    expect(output).not.to.match(/ {4}at |Starting/);
  });

  it("does not start without enough disk space, and reports the need", async () => {
    const small = mkdtempSync(join(tmpdir(), "drill-test-small-"));
    const mounted = 'mount -t tmpfs -o size=100m none "$TMPDIR" && exec "$0" "$@"';
    const words = ["-rm", "sh", "-c", mounted, process.execPath, main, "drill"];
    const drill = spawn("unshare", words, {
      env: { ...process.env, TMPDIR: small },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [said, [status]] = await Promise.all([text(drill.stderr), once(drill, "close")]);
    expect(status, said).to.equal(2);
    expect(said).to.match(
      /continuity: the drill could not run: disk full: .* has \d+ MiB free, but 3\d\d MiB are needed/,
    );
    rmSync(small, { recursive: true });
  });

  it("stops everything at Ctrl-C", async () => {
    const drill = start("--rows", "10");
    await drill.said(/Deploy/);
    drill.process.kill("SIGINT");
    expect((await drill.ended).status).to.equal(130);
    await gone(drill);
    expect(drill.foldersLeft()).to.deep.equal([]);
  });

  it("leaves nothing even after kill -9 in the middle of an update", async () => {
    const killed = start("--rows", "10");
    await killed.said(/Deploy/);
    while (!killed.processesLeft().some(runsPolicies)) await delay(20); // the engine and its children are running
    killed.process.kill("SIGKILL");
    await gone(killed); // and its listeners with them
    expect(killed.foldersLeft()).to.deep.equal([]);
  });
});

const runsPolicies = (pid: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).includes("run-policy-pack");
  } catch {
    return false;
  }
};

async function gone(drill: Drill): Promise<void> {
  for (let tries = 0; tries < 100 && drill.processesLeft().length > 0; tries++) await delay(100);
  expect(drill.processesLeft()).to.deep.equal([]);
}
