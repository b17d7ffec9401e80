import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect } from "chai";
import { siteEndpoint, type Role, type SiteEndpoint } from "../../contract/index.ts";
import type { FailoverContext } from "../../continuity/failover/context.ts";
import { askNames } from "../../continuity/failover/site-names.ts";
import { failoverContext } from "./failover-context.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { FakeSites, hostnames, probe } from "./fake-site.ts";

const { siteHostname, otherHostname, publicHostname } = hostnames;

const partner = (endpoint: SiteEndpoint) => ({ name: "prod", endpoint, isolate: async () => {} });

describe("the service's host names before a failover", () => {
  let sites: FakeSites;
  before(async () => (sites = await FakeSites.start()));
  after(() => sites.stop());
  beforeEach(() => sites.standbyAlone());

  const context = (change: Partial<FailoverContext> = {}, role: Role = "standby"): FailoverContext => {
    const base = failoverContext(new FakeCluster(), { resolve: sites.resolve, ...change });
    return { ...base, settings: { ...base.settings, role } };
  };

  it("raise no findings if the other site is dead and this one responds", async () => {
    const { blockers, warnings, otherServes } = await askNames(context());
    expect({ blockers, warnings, otherServes }).to.deep.equal({ blockers: [], warnings: [], otherServes: false });
  });

  it("block a failover if the own name is unreachable, with the remedy", async () => {
    const resolve = { ...sites.resolve, [siteHostname]: "http://127.0.0.1:1" };
    const { blockers } = await askNames(context({ resolve }));
    expect(blockers).to.have.length(1);
    expect(blockers[0]).to.match(/alternate site's own name .* over http on port 80: .*ECONNREFUSED.*--resolve/);
  });

  it("only warn if an interrupted failover continues", async () => {
    const resolve = { ...sites.resolve, [siteHostname]: "http://127.0.0.1:1" };
    const { blockers, warnings } = await askNames(context({ resolve }, "active"));
    expect(blockers).to.deep.equal([]);
    expect(warnings.join()).to.match(/own name is unusable/);
  });

  it("block a failover if the own name points to the other site", async () => {
    sites.answer(siteHostname, "primary", false);
    expect((await askNames(context())).blockers.join()).to.match(
      /responds as the primary site.*the name points to the wrong site/,
    );
  });

  it("wait for a slow site, which is alive", async () => {
    sites.set(otherHostname, { [probe.path]: { status: 200, body: { site: "primary", ready: true }, after: 0.5 } });
    const probing = { connectSeconds: 0.3, pauseSeconds: 0.02 };
    const { blockers, otherServes } = await askNames(context({ resolve: sites.resolve, probing }));
    expect(otherServes).to.equal(true);
    expect(blockers.join()).to.match(/^the primary site serves users/);
  });

  const page = (status: number) => () => sites.set(otherHostname, { [probe.path]: { status, body: "a page" } });
  for (const [what, prepare] of [
    ["redirects", page(301)],
    ["is refused by a firewall", page(403)],
    ["gets a page", page(200)],
    ["fails without identifying itself", page(500)],
  ] as const) {
    it(`block a failover if a client of the other site ${what}: it may serve`, async () => {
      prepare();
      const { blockers, otherServes } = await askNames(context({ resolve: sites.resolve }));
      expect(otherServes).to.equal(false);
      expect(blockers).to.have.length(1);
      expect(blockers[0]).to.match(
        /^it is unclear whether the primary site serves users: primary\.\S+ returned HTTP \d+ .*--force-unplanned/,
      );
      const forced = await askNames(context({ resolve: sites.resolve, forceUnplanned: true }));
      expect(forced.blockers).to.deep.equal([]);
      expect(forced.warnings.join()).to.match(/it is unclear.*continuing because of --force-unplanned/);
    });
  }

  it("block a failover if the other site's certificate is invalid", async () => {
    const tls = createTlsServer({ SNICallback: (_, done) => done(new Error("no certificate")) }).listen(0, "127.0.0.1");
    await once(tls, "listening");
    const resolve = { ...sites.resolve, [otherHostname]: `https://127.0.0.1:${(tls.address() as AddressInfo).port}` };
    const { blockers } = await askNames(context({ resolve }));
    expect(blockers.join()).to.match(/it is unclear.*: primary\.\S+ accepts connections but does not respond/);
    tls.close();
  });

  for (const status of [502, 503, 504]) {
    it(`treat a load balancer without targets (${status}) as a dead site, and report it`, async () => {
      page(status)();
      const { blockers, warnings } = await askNames(context({ resolve: sites.resolve }));
      expect(blockers).to.deep.equal([]);
      expect(warnings.join()).to.match(
        /the primary site does not serve, but its load balancer is up: .* returned HTTP 50/,
      );
    });
  }

  it("only warn if the public name's site is unclear", async () => {
    sites.set(publicHostname, { [probe.path]: { status: 403, body: "a page" } });
    const { blockers, warnings } = await askNames(context({ resolve: sites.resolve }));
    expect(blockers).to.deep.equal([]);
    expect(warnings.join()).to.match(
      /it is unclear which site the public name points to: api\.vapora\.example returned HTTP 403/,
    );
  });

  for (const name of ["otherHostname", "publicHostname"] as const) {
    it(`also probe the ${name} over the other stack's scheme`, async () => {
      sites.answer("localhost", "primary", true);
      const base = context({ otherStack: partner({ scheme: "http", port: sites.port }) });
      const endpoint = { scheme: "https", port: 1 } as const;
      const settings = { ...base.settings, endpoint, [name]: "localhost" };
      const resolve = Object.fromEntries(Object.entries(sites.resolve).filter(([host]) => host !== hostnames[name]));
      expect((await askNames({ ...base, settings, resolve })).otherServes).to.equal(true);
    });
  }

  for (const [what, prepare] of [
    ["is ready under its own name", () => sites.answer(otherHostname, "primary", true)],
    ["is what the public name points to", () => sites.answer(publicHostname, "primary", true)],
    [
      "is ready without naming itself",
      () => sites.set(otherHostname, { [probe.path]: { status: 200, body: { ready: true } } }),
    ],
  ] as const) {
    it(`block a failover while the other site ${what}`, async () => {
      prepare();
      const { blockers, otherServes } = await askNames(context({ resolve: sites.resolve }));
      expect(otherServes).to.equal(true);
      expect(blockers).to.have.length(1);
      expect(blockers[0]).to.match(/^the primary site serves users: .*--force-unplanned$/);
    });
  }

  it("report the same facts as a warning if forced", async () => {
    sites.answer(otherHostname, "primary", true);
    const { blockers, warnings } = await askNames(context({ resolve: sites.resolve, forceUnplanned: true }));
    expect(blockers).to.deep.equal([]);
    expect(warnings.join()).to.match(/primary\.vapora\.example responds as the primary site, ready.*force-unplanned/);
  });

  it("report another site that responds without serving", async () => {
    sites.answer(otherHostname, "primary", false);
    const { blockers, warnings, otherServes } = await askNames(context({ resolve: sites.resolve }));
    expect({ blockers, otherServes }).to.deep.equal({ blockers: [], otherServes: false });
    expect(warnings).to.deep.equal([
      "the primary site is partly up: primary.vapora.example responds as the primary site, not ready",
    ]);
  });

  it("warn if the two sites serve users over different schemes", async () => {
    const otherStack = partner(siteEndpoint("arn"));
    const { warnings } = await askNames(context({ otherStack }));
    expect(warnings.join()).to.match(/stack prod serves users over https, this one over http: set certificateArn/);
    expect((await askNames(context({ otherStack: { ...otherStack, endpoint: siteEndpoint(undefined) } }))).warnings)
      .to //
      .deep.equal([]);
  });

  it("do not mistake this site behind the public name for the other", async () => {
    sites.answer(publicHostname, "alternate", true);
    const { blockers, otherServes } = await askNames(context({ resolve: sites.resolve }, "active"));
    expect({ blockers, otherServes }).to.deep.equal({ blockers: [], otherServes: false });
  });
});
