import { expect } from "chai";
import { CannotRun } from "../../continuity/cannot-run.ts";
import { readDrillOptions } from "../../drill/options.ts";
import { failover } from "../../continuity/commands/failover.ts";
import { readSettings } from "../../continuity/stacks.ts";

const good: Record<string, string> = {
  site: "alternate",
  role: "standby",
  namePrefix: "vapora",
  namespace: "vapora",
  primaryRegion: "eu-west-1",
  alternateRegion: "eu-central-1",
  publicHostname: "api.vapora.example",
  primaryHostname: "p.vapora.example",
  alternateHostname: "a.vapora.example",
};

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

  it("hold the other site's name, which both stacks know", () => {
    expect(readSettings("dr", (key) => good[key]).otherHostname).to.equal("p.vapora.example");
  });

  it("say how the site answers: with TLS only where it has a certificate", () => {
    const withCertificate: Record<string, string> = {
      ...good,
      certificateArn: "arn:aws:acm:eu-central-1:1:certificate/x",
    };
    expect(readSettings("dr", (key) => good[key]).endpoint).to.deep.equal({ scheme: "http", port: 80 });
    expect(readSettings("dr", (key) => withCertificate[key]).endpoint).to.deep.equal({ scheme: "https", port: 443 });
  });

  for (const [what, extra, context] of [
    ["its own cluster by name", {}, "vapora-alternate"],
    ["the cluster that is configured", { clusterName: "c" }, "c"],
    ["the context that is configured", { clusterName: "c", kubeContext: "k" }, "k"],
    ["what its own kubeconfig says", { kubeconfig: "{}", clusterName: "c" }, undefined],
  ] as const) {
    it(`mean ${what}, never whichever cluster is current`, () => {
      const config: Record<string, string> = { ...good, ...extra };
      expect(readSettings("dr", (key) => config[key]).kubeContext).to.equal(context);
    });
  }

  it("are refused with every problem at once, and how to mend each", () => {
    const { namePrefix: _, ...rest } = good;
    const problems = problemsOf(() => readSettings("dr", (key) => ({ ...rest, role: "boss" })[key]));
    expect(problems).to.have.length(2);
    expect(problems.join("\n"))
      .to.match(/namePrefix is missing.*pulumi config set namePrefix VALUE --stack dr/)
      .and.to.match(/role is "boss".*active, standby or isolated/);
  });
});

describe("options of the drill", () => {
  it("have defaults", () => {
    expect(readDrillOptions({})).to.include({ scenario: "region-loss", rows: 10_000, keep: false });
  });

  it("are refused with every problem at once", () => {
    const problems = problemsOf(() =>
      readDrillOptions({ scenario: "flood", rows: "many", out: "package.json", fault: "x" }),
    );
    expect(problems).to.have.length(4);
  });

  for (const rows of ["0", "-1", "1.5", "1e9", ""]) {
    it(`refuses --rows ${JSON.stringify(rows)}`, () => {
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

  it("names each entry that is not HOST=URL", () => {
    expect(problemsOf(() => readResolve(["a", "b=ftp://x", "c.example=http://127.0.0.1"]))).to.have.length(2);
  });
});
