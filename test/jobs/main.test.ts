import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect } from "chai";
import { runJob } from "../../jobs/main.ts";

/** A job's standard error while it runs. */
async function quietly<T>(work: () => Promise<T>): Promise<{ result: T; said: string }> {
  const write = process.stderr.write.bind(process.stderr);
  let said = "";
  process.stderr.write = ((text: string) => ((said += text), true)) as typeof process.stderr.write;
  try {
    return { result: await work(), said };
  } finally {
    process.stderr.write = write;
  }
}

describe("the jobs' entry point", () => {
  it("exits with status 2 and the usage for an unknown job or flag", async () => {
    for (const words of [["exprot"], ["export", "--chnages"], [], ["toString"]]) {
      const { result, said } = await quietly(() => runJob(words, {}));
      expect(result.status, words.join(" ")).to.equal(2);
      expect(said).to.contain("usage:");
    }
  });

  it("exits with status 2 and all problems for invalid settings", async () => {
    const { result, said } = await quietly(() => runJob(["recovery-point-watch", "--once"], { SITE: "primary" }));
    expect(result.status).to.equal(2);
    expect(result.result["problems"]).to.have.length.above(3);
    expect(said).to.contain("EVIDENCE_BUCKET is missing");
  });

  it("exits with status 1 and one result line when the work fails", async () => {
    const environment = {
      SITE: "primary",
      SITE_ROLE: "active",
      DATABASE_URL: "http://127.0.0.1:1",
      DATABASE_NAMESPACE: "n",
      DATABASE_USERNAME: "u",
      DATABASE_PASSWORD: "p",
      SERVICES_USERNAME: "s",
      SERVICES_PASSWORD: "t",
      PREPARE_TIMEOUT_SECONDS: "0.2",
    };
    const { result } = await quietly(() => runJob(["prepare-database"], environment));
    expect(result.status).to.equal(1);
    expect(result.result).to.include({ job: "prepare-database", outcome: "failed" });
    expect(result.result["error"]).to.match(/did not respond within 0.2 s.*ECONNREFUSED/);
  });

  it("ends a promotion at its time limit, whatever hangs", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const environment = {
      ...Object.fromEntries(["AWS_REGION", "APPLICATION", "BUCKET", "BUCKET_REGION"].map((name) => [name, "x"])),
      ...Object.fromEntries(["EVIDENCE_BUCKET", "EVIDENCE_BUCKET_REGION"].map((name) => [name, "x"])),
      SITE: "alternate",
      SITE_ROLE: "standby",
      DATABASE_URL: `http://127.0.0.1:${port}`,
      DATABASE_NAMESPACE: "n",
      DATABASE_USERNAME: "u",
      DATABASE_PASSWORD: "p",
      ACCESS_KEYS_SECRET_ID: "s",
      PROMOTE_LIMIT_SECONDS: "1",
    };
    const { result } = await quietly(() => runJob(["standby-sync", "--once", "--promote"], environment));
    silent.close();
    expect(result.status).to.equal(1);
    expect(result.result["error"]).to.contain("timed out after 1 s");
    expect(result.result.durationSeconds).to.be.below(5);
  });
});
