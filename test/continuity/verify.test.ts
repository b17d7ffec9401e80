import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { askNames } from "../../continuity/failover/site-names.ts";
import { verifyService, type VerifyOptions } from "../../continuity/failover/verify.ts";
import { probeHeaders } from "../../continuity/probe-credential.ts";
import { siteEndpoint, type TrafficProbe } from "../../contract/index.ts";
import { examplePlan } from "../support/example-plan.ts";
import { failoverContext } from "./failover-context.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { FakeSites, hostnames, probe } from "./fake-site.ts";

const hostname = hostnames.siteHostname;
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (error: Error) => error.message,
  );

describe("the verification of a site", () => {
  let sites: FakeSites;
  before(async () => (sites = await FakeSites.start()));
  beforeEach(() => sites.asked.splice(0));
  after(() => sites.stop());

  const verify = (body: unknown, changes: Partial<VerifyOptions> = {}, status = 200) => {
    sites.set(hostname, { [probe.path]: { status, body } });
    const endpoint = siteEndpoint(undefined);
    const { resolve } = sites;
    return verifyService({ hostname, endpoint, site: "alternate", probe, resolve, timeoutSeconds: 0.2, ...changes });
  };
  const whole = { site: "alternate", role: "active", ready: true, generation: "g2" };

  it("passes by the readiness contract alone, without signing in", async () => {
    expect(await verify(whole, { generation: "g2" })).to.include({ hostname, site: "alternate" });
    expect(sites.asked).to.deep.equal([`GET ${hostname}/.well-known/continuity`]);
  });

  it("passes where the service does not state its database", async () => {
    await verify({ site: "alternate", ready: true }, { generation: "g2" });
  });

  for (const [what, body, changes, status, reason] of [
    ["another site", { ...whole, site: "primary" }, {}, 200, /still answers from the primary site/],
    ["no site", { ready: true }, {}, 200, /does not name its site; it must return JSON/],
    ["a page", "welcome", {}, 200, /does not name its site/],
    ["a site that is not ready", { ...whole, ready: false }, {}, 200, /alternate site is not ready/],
    ["a standby", { ...whole, role: "standby" }, {}, 200, /alternate site is not ready/],
    [
      "the former database",
      { ...whole, generation: "g1" },
      { generation: "g2" },
      200,
      /database g1, not the promoted g2/,
    ],
    ["another status", whole, {}, 503, /returned HTTP 503, not 200/],
  ] as const) {
    it(`fails for ${what}`, async () => expect(await messageOf(verify(body, changes, status))).to.match(reason));
  }

  it("sends the request that the plan describes", async () => {
    const own: TrafficProbe = { path: "/up?deep=1", method: "POST", status: 202 };
    sites.set(hostname, { "/up?deep=1": { status: 202, body: whole } });
    await verifyService({
      hostname,
      endpoint: siteEndpoint(undefined),
      site: "alternate",
      probe: own,
      resolve: sites.resolve,
      timeoutSeconds: 0.2,
    });
    expect(sites.asked).to.deep.equal([`POST ${hostname}/up?deep=1`]);
  });
});

describe("the credential of a probe", () => {
  let server: Server;
  let refuse = false;
  const asked: string[] = [];
  before(async () => {
    server = createServer((request, response) => {
      const { host, authorization = "" } = request.headers;
      if (request.headers["x-amz-target"] !== undefined) {
        asked.push(/\d{8}\/([\w-]+)\/secretsmanager/.exec(authorization)?.[1] ?? "");
        if (refuse) return response.writeHead(400).end('{"__type":"ResourceNotFoundException","message":"no secret"}');
        return response.end(JSON.stringify({ SecretString: "Bearer probe" }));
      }
      if (authorization !== "Bearer probe") return response.writeHead(401).end("sign in");
      const site = host === hostnames.otherHostname ? "primary" : "alternate";
      return response.end(JSON.stringify({ site, ready: site === "primary" }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  beforeEach(() => {
    refuse = false;
    asked.length = 0;
  });
  after(() => server.close());

  const secretProbe = { ...probe, credential: { secret: "shop/probe", header: "authorization" } };
  const context = () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const plan = examplePlan();
    const tiers = plan.tiers.map((tier) => ({
      ...tier,
      services: tier.services.map((service) => ({ ...service, probes: { traffic: secretProbe } })),
    }));
    return failoverContext(new FakeCluster(), {
      plan: { ...plan, tiers },
      aws: { endpoint: url, credentials: { accessKeyId: "a", secretAccessKey: "b" } },
      resolve: Object.fromEntries(Object.values(hostnames).map((name) => [name, url])),
    });
  };

  it("is read in the region that takes over, and sent to every name", async () => {
    const { own, other, public: known } = await askNames(context());
    expect([own.site, other.site, known.site]).to.deep.equal(["alternate", "primary", "alternate"]);
    expect(other.serves).to.equal(true);
    expect(asked).to.deep.equal(["eu-central-1"]);
  });

  it("stops a failover that could not be verified", async () => {
    refuse = true;
    const { blockers } = await askNames(context());
    expect(blockers.join()).to.match(/cannot read the probe's credential from the secret shop\/probe: .*no secret/);
  });

  it("is nothing where the plan names none", async () => {
    const { settings, aws } = context();
    expect(await probeHeaders(probe, settings, aws)).to.deep.equal({});
    expect(asked).to.deep.equal([]);
  });
});
