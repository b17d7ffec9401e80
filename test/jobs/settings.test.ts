import { expect } from "chai";
import { readSettings, SettingsError } from "../../jobs/settings.ts";

const good = {
  SITE: "primary",
  SITE_ROLE: "active",
  AWS_REGION: "eu-west-1",
  APPLICATION: "vapora",
  DATABASE_URL: "http://surrealdb:8000",
  DATABASE_NAMESPACE: "vapora",
  DATABASE_USERNAME: "root",
  DATABASE_PASSWORD: "secret",
  BUCKET: "points",
  BUCKET_REGION: "eu-west-1",
};

const problemsOf = (job: Parameters<typeof readSettings>[0], environment: NodeJS.ProcessEnv) => {
  try {
    readSettings(job, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

describe("job settings", () => {
  it("parse numbers and fill in defaults", () => {
    const settings = readSettings("export", { ...good, RETENTION_DAYS: "35" });
    expect(settings.RETENTION_DAYS).to.equal(35);
    expect(settings.MINIMUM_ROWS_RATIO).to.equal(0.5);
  });

  it("report all problems at once, with value, rule and remedy", () => {
    const wrong = { ...good, SITE: "secondary", DATABASE_URL: "surrealdb:8000", RETENTION_DAYS: "-1", BUCKET: "" };
    const problems = problemsOf("export", wrong);
    expect(problems.map(({ where }) => where).sort()).to.deep.equal([
      "BUCKET",
      "DATABASE_URL",
      "RETENTION_DAYS",
      "SITE",
    ]);
    const site = problems.find(({ where }) => where === "SITE");
    expect(site?.value).to.equal('"secondary"');
    expect(site?.rule).to.match(/primary/);
    expect(problems.find(({ where }) => where === "BUCKET")?.value).to.equal("missing");
  });

  it("never show a password", () => {
    const environment = { ...good, SERVICES_USERNAME: "s", SERVICES_PASSWORD: "   " };
    expect(JSON.stringify(problemsOf("prepare-database", environment)))
      .to.contain("(hidden)")
      .and.not.contain("   ");
  });

  it("need the scratch database's URL or the pod's address, and report it with other problems", () => {
    const { SITE: _, ...rest } = good;
    const environment = { ...rest, EVIDENCE_BUCKET: "b", EVIDENCE_BUCKET_REGION: "r" };
    const variables = problemsOf("restore-verify", environment).map(({ where }) => where);
    expect(variables).to.include.members(["SITE", "SCRATCH_DATABASE_URL"]);
    expect(problemsOf("restore-verify", { ...environment, SITE: "primary", POD_IP: "10.0.0.1" })).to.deep.equal([]);
  });
});
