import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { siteEndpoint, type Role } from "../../plan/names.ts";
import type { FailoverContext } from "../../continuity/failover/context.ts";
import { askNames } from "../../continuity/failover/site-names.ts";
import { failoverContext } from "./failover-context.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { FakeSites, hostnames } from "./fake-site.ts";

const { siteHostname, otherHostname, publicHostname } = hostnames;

describe("the names of the service, asked before a switch", () => {
  let sites: FakeSites;
  before(async () => (sites = await FakeSites.start()));
  after(() => sites.stop());
  beforeEach(() => sites.standbyAlone());

  const context = (change: Partial<FailoverContext> = {}, role: Role = "standby"): FailoverContext => {
    const base = failoverContext(new FakeCluster(), { resolve: sites.resolve, ...change });
    return { ...base, settings: { ...base.settings, role } };
  };

  it("leave nothing to say where the other site is dead and this one answers", async () => {
    const { blockers, warnings, otherServes } = await askNames(context());
    expect({ blockers, warnings, otherServes }).to.deep.equal({ blockers: [], warnings: [], otherServes: false });
  });

  it("forbid a switch whose own site cannot be reached under its name, and name what to do", async () => {
    const resolve = { ...sites.resolve, [siteHostname]: "http://127.0.0.1:1" };
    const { blockers } = await askNames(context({ resolve }));
    expect(blockers).to.have.length(1);
    expect(blockers[0]).to.match(/alternate site's own name .* over http on port 80: .*ECONNREFUSED.*--resolve/);
  });

  it("only warn of it where an interrupted switch goes on", async () => {
    const resolve = { ...sites.resolve, [siteHostname]: "http://127.0.0.1:1" };
    const { blockers, warnings } = await askNames(context({ resolve }, "active"));
    expect(blockers).to.deep.equal([]);
    expect(warnings.join()).to.match(/own name cannot be used/);
  });

  it("forbid a switch whose own name leads to the other site", async () => {
    sites.answer(siteHostname, "primary", false);
    expect((await askNames(context())).blockers.join()).to.match(/answers as the primary site.*the name leads there/);
  });

  it("cost seconds where a name connects and never answers", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const resolve = { ...sites.resolve, [otherHostname]: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` };
    const began = performance.now();
    expect((await askNames(context({ resolve }))).blockers).to.deep.equal([]);
    expect(performance.now() - began).to.be.within(2_000, 7_000);
    silent.closeAllConnections();
    silent.close();
  });

  for (const [what, prepare] of [
    ["is ready under its own name", () => sites.answer(otherHostname, "primary", true)],
    ["is what the public name leads to", () => sites.answer(publicHostname, "primary", true)],
    [
      "lets users in although its status says nothing",
      () => sites.set(otherHostname, { "/v1/session": { status: 200, body: { token: "t" } } }),
    ],
  ] as const) {
    it(`forbid a switch while the other site ${what}`, async () => {
      prepare();
      const { blockers, otherServes } = await askNames(context({ resolve: sites.resolve }));
      expect(otherServes).to.equal(true);
      expect(blockers).to.have.length(1);
      expect(blockers[0]).to.match(/^the primary site serves users: .*--force-unplanned$/);
    });
  }

  it("show the same facts as a warning where the switch is forced", async () => {
    sites.answer(otherHostname, "primary", true);
    const { blockers, warnings } = await askNames(context({ resolve: sites.resolve, forceUnplanned: true }));
    expect(blockers).to.deep.equal([]);
    expect(warnings.join()).to.match(/primary\.vapora\.example answers as the primary site, ready.*forced/);
  });

  it("mention another site that answers without serving", async () => {
    sites.answer(otherHostname, "primary", false);
    const { blockers, warnings, otherServes } = await askNames(context({ resolve: sites.resolve }));
    expect({ blockers, otherServes }).to.deep.equal({ blockers: [], otherServes: false });
    expect(warnings).to.deep.equal([
      "the primary site is not dead: primary.vapora.example answers as the primary site, not ready",
    ]);
  });

  it("warn where the two sites serve users in two ways", async () => {
    const otherStack = { name: "prod", endpoint: siteEndpoint("arn"), isolate: async () => {} };
    const { warnings } = await askNames(context({ otherStack }));
    expect(warnings.join()).to.match(/stack prod serves users over https, this one over http: set certificateArn/);
    expect((await askNames(context({ otherStack: { ...otherStack, endpoint: siteEndpoint(undefined) } }))).warnings)
      .to //
      .deep.equal([]);
  });

  it("see no other site in this one behind the public name", async () => {
    sites.answer(publicHostname, "alternate", true);
    const { blockers, otherServes } = await askNames(context({ resolve: sites.resolve }, "active"));
    expect({ blockers, otherServes }).to.deep.equal({ blockers: [], otherServes: false });
  });
});
