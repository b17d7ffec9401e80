import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import type { ServedDatabase } from "./support/served-database.ts";
import { bucketKeys } from "../../contract/index.ts";
import { bucketOf, openStage, regions, type Stage } from "./support/stage.ts";
import { fill } from "./support/vapora.ts";

const run = promisify(execFile);

interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

describe("the image's program", function () {
  this.timeout(60_000);
  let stage: Stage;
  let source: ServedDatabase;
  let program: string;
  let active: NodeJS.ProcessEnv;
  let passive: NodeJS.ProcessEnv;

  before(async () => {
    stage = await openStage();
    const folder = join(stage.run.directory, "bundle");
    await run(process.execPath, [fileURLToPath(new URL("../../jobs/bundle.ts", import.meta.url)), folder]);
    program = join(folder, "main.mjs");
    source = await stage.serve("source");
    const standby = await stage.serve("standby");
    active = stage.environment("primary", source);
    const store = { BUCKET: bucketOf("primary"), BUCKET_REGION: regions.primary };
    // One bucket serves as both: replication is not tested here.
    const evidence = { EVIDENCE_BUCKET: store.BUCKET, EVIDENCE_BUCKET_REGION: store.BUCKET_REGION };
    passive = stage.environment("alternate", standby, { ...store, ...evidence, SCRATCH_DATABASE_URL: standby.url });
  });
  after(() => stage.stop());

  async function job(words: string, environment: NodeJS.ProcessEnv): Promise<Ran> {
    const options = { env: { ...process.env, ...environment }, cwd: stage.run.directory };
    const ran = run(process.execPath, [program, ...words.split(" ")], options);
    return ran.then(
      ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
      (error: Ran & { code: number }) => ({ status: error.code, stdout: error.stdout, stderr: error.stderr }),
    );
  }

  it("runs every job from its bundle, with the result as the only line on standard output", async () => {
    const steps: [string, NodeJS.ProcessEnv][] = [
      ["prepare-database", active],
      ["prepare-database", passive],
      ["export", active],
      ["export --changes", active],
      ["restore-verify", passive],
      ["standby-sync --once", passive],
      ["recovery-point-watch --once", passive],
      ["standby-sync --once --promote", passive],
    ];
    for (const [words, environment] of steps) {
      if (words === "export") await fill(stage.database(source, "main"), 200);
      const { status, stdout, stderr } = await job(words, environment);
      expect(status, `${words}: ${stdout} ${stderr}`).to.equal(0);
      expect(stdout.trimEnd().split("\n"), words).to.have.length(1);
      expect(JSON.parse(stdout)).to.include({ outcome: "succeeded" });
    }
  });

  it("exits with status 2 for invalid settings", async () => {
    const { status, stdout } = await job("export", {});
    expect(status).to.equal(2);
    expect(JSON.parse(stdout)).to.have.property("problems").that.is.not.empty;
  });

  it("fails promptly when stopped during an export", async () => {
    const since = new Date().toISOString();
    await stage.store("primary").putJson(bucketKeys.writer, { site: "primary", epoch: 1, since });
    await source.fail("hang");
    const environment = { ...active, JOB_NAME: "export-by-hand" };
    const child = spawn(process.execPath, [program, "export"], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const said: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => said.push(piece));
    setTimeout(() => child.kill("SIGTERM"), 1500);
    const [status] = (await once(child, "exit")) as [number];
    await source.fail(undefined);
    expect(status).to.equal(1);
    const result = JSON.parse(Buffer.concat(said).toString()) as { error: string; durationSeconds: number };
    expect(result.error).to.contain("stopped by SIGTERM");
    expect(result.durationSeconds).to.be.below(5);
  });
});
