import { expect } from "chai";
import { CannotRun } from "../../continuity/cannot-run.ts";
import { readDrillOptions } from "../../drill/options.ts";
import { failover } from "../../continuity/commands/failover.ts";
import { readSettings } from "../../continuity/stacks.ts";
import { standbyConfig } from "./stack-config.ts";

const good: Record<string, string> = standbyConfig;

const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof CannotRun) return error.problems;
    throw error;
  }
  return [];
};

describe("settings of a stack", () => {
  it("are read from its configuration", () => {
    const settings = readSettings("dr", (key) => good[key]);
    expect(settings).to.include({ site: "alternate", role: "standby", siteHostname: "a.vapora.example" });
    expect(settings.topology.alternateRegion).to.equal("eu-central-1");
  });

  it("contain the other site's name, which both stacks have", () => {
    expect(readSettings("dr", (key) => good[key]).otherHostname).to.equal("p.vapora.example");
  });

  it("determine the scheme: TLS only with a certificate", () => {
    const withCertificate: Record<string, string> = {
      ...good,
      certificateArn: "arn:aws:acm:eu-central-1:1:certificate/x",
    };
    expect(readSettings("dr", (key) => good[key]).endpoint).to.deep.equal({ scheme: "http", port: 80 });
    expect(readSettings("dr", (key) => withCertificate[key]).endpoint).to.deep.equal({ scheme: "https", port: 443 });
  });

  for (const [what, extra, context] of [
    ["its own cluster by name", {}, "vapora-alternate"],
    ["the configured cluster", { clusterName: "c" }, "c"],
    ["the configured context", { clusterName: "c", kubeContext: "k" }, "k"],
    ["its own kubeconfig", { kubeconfig: "{}", clusterName: "c" }, undefined],
  ] as const) {
    it(`select ${what}, never the current context`, () => {
      const config: Record<string, string> = { ...good, ...extra };
      expect(readSettings("dr", (key) => config[key]).kubeContext).to.equal(context);
    });
  }

  it("are rejected with all problems and remedies at once", () => {
    const { namePrefix: _, ...rest } = good;
    const problems = problemsOf(() => readSettings("dr", (key) => ({ ...rest, role: "boss" })[key]));
    expect(problems).to.have.length(2);
    expect(problems.join("\n"))
      .to.match(/namePrefix is missing.*pulumi config set namePrefix VALUE --stack dr/)
      .and.to.match(/role is "boss".*active, standby or isolated/);
  });
});

describe("settings of the shared stack", () => {
  it("are no site's, which a command needs; other problems would lead astray", () => {
    const problems = problemsOf(() => readSettings("shared", (key) => ({ site: "shared", namePrefix: "X" })[key]));
    expect(problems).to.deep.equal([
      'vapora-continuity:site is "shared", but must be primary or alternate, since commands work on a site; ' +
        "use the stack of a site, e.g. --stack dr",
    ]);
  });
});

describe("options of the drill", () => {
  it("have defaults", () => {
    expect(readDrillOptions({})).to.include({ scenario: "region-loss", rows: 10_000, keep: false });
  });

  it("are rejected with all problems at once", () => {
    const problems = problemsOf(() =>
      readDrillOptions({ scenario: "flood", rows: "many", out: "package.json", fault: "x" }),
    );
    expect(problems).to.have.length(4);
  });

  for (const rows of ["0", "-1", "1.5", "1e9", ""]) {
    it(`rejects --rows ${JSON.stringify(rows)}`, () => {
      expect(problemsOf(() => readDrillOptions({ rows })).join()).to.match(/--rows/);
    });
  }
});

describe("--resolve", () => {
  const readResolve = (resolve: string[]) => failover.read({ options: { stack: "dr", resolve }, rest: [] }).resolve;

  it("maps host names to base URLs", () => {
    expect(Object.fromEntries(readResolve(["a.example=http://127.0.0.1:80"]))).to.deep.equal({
      "a.example": "http://127.0.0.1:80",
    });
  });

  it("reports each entry that is not HOST=URL", () => {
    expect(problemsOf(() => readResolve(["a", "b=ftp://x", "c.example=http://127.0.0.1"]))).to.have.length(2);
  });
});
