import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { ConditionFailed, type ConditionalObjects, type Writer } from "../../jobs/index.ts";
import { bucketKeys, siteEndpoint, type SiteName } from "../../contract/index.ts";
import type { FailoverContext } from "../../continuity/failover/context.ts";
import { fenceOtherSite, nextWriter, type FenceOptions } from "../../continuity/failover/fence.ts";
import { askNames } from "../../continuity/failover/site-names.ts";
import { failoverContext } from "./failover-context.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { FakeSites, hostnames, probe } from "./fake-site.ts";

const record = (site: SiteName, epoch: number, since = "2026-01-15T10:00:00.000Z"): Writer => ({ site, epoch, since });

describe("the record that a forced failover writes", () => {
  for (const [what, known, otherEpoch, expected] of [
    ["is in an epoch above the other site's if there is none yet", [], 1, 2],
    ["is in an epoch above all known ones", [record("primary", 3), record("alternate", 2)], 3, 4],
    ["is in an epoch above the one reported by the other site", [record("alternate", 2)], 5, 6],
  ] as const) {
    it(what, () =>
      expect(nextWriter("alternate", known, otherEpoch)).to.include({ site: "alternate", epoch: expected }),
    );
  }

  it("is the one that already names this site: an interrupted failover continues in its epoch", () =>
    expect(nextWriter("alternate", [record("primary", 3), record("alternate", 4)], 3)).to.deep.equal(
      record("alternate", 4),
    ));
});

/** Where the other site stops, the wait is over long before its limit; where it does not, the limit is short. */
const quick = { waitSeconds: 5, quietSeconds: 0.05, pauseSeconds: 0.02 };
const inVain = { waitSeconds: 0.3 };

describe("fencing the other site", () => {
  let sites: FakeSites;
  let done: string[];
  let stored: Map<SiteName, string | Error>;
  before(async () => (sites = await FakeSites.start()));
  after(() => sites.stop());
  beforeEach(() => {
    sites.standbyAlone().answer(hostnames.otherHostname, "primary", true);
    done = [];
    stored = new Map();
  });

  /** In-memory buckets; once both have a record, the guard stops the primary. */
  const bucket = (site: SiteName): ConditionalObjects => ({
    bucket: `bucket-${site}`,
    read: async () => {
      const text = stored.get(site);
      if (text instanceof Error) throw text;
      return text === undefined ? undefined : { text, etag: text };
    },
    writeIf: async (key, content, condition) => {
      const present = stored.get(site);
      const holds = "ifMatch" in condition ? condition.ifMatch === present : present === undefined;
      if (!holds) throw new ConditionFailed("changed meanwhile");
      stored.set(site, JSON.stringify(content));
      done.push(`${key} of ${site}`);
      return JSON.stringify(content);
    },
  });
  const obedient = (site: SiteName): ConditionalObjects => {
    const inMemory = bucket(site);
    const writeIf: ConditionalObjects["writeIf"] = async (...write) => {
      sites.answer(hostnames.otherHostname, "primary", false);
      return inMemory.writeIf(...write);
    };
    return { ...inMemory, writeIf };
  };

  const isolate = async (): Promise<void> => void done.push("role of prod");
  const otherStack = { name: "prod", endpoint: siteEndpoint(undefined), isolate };

  async function fence(options: FenceOptions, change: Partial<FailoverContext> = {}) {
    const partner = { resolve: sites.resolve, forceUnplanned: true, otherStack };
    const context = failoverContext(new FakeCluster(), { ...partner, ...change });
    const names = await askNames(context);
    return fenceOtherSite(context, names, { awaiting: () => {} }, { ...quick, ...options });
  }

  it("writes the record to both buckets, isolates the stack, and waits until the site has stopped", async () => {
    const began = Date.now();
    const report = await fence({ objects: obedient });
    expect(report.problems).to.deep.equal([]);
    expect(report).to.deep.include({ isolatedStack: "prod", buckets: ["bucket-primary", "bucket-alternate"] });
    expect(report.writer).to.include({ site: "alternate", epoch: 2 });
    expect(report.stoppedAt).to.be.within(began, Date.now());
    expect(done).to.have.members([
      `${bucketKeys.writer} of primary`,
      `${bucketKeys.writer} of alternate`,
      "role of prod",
    ]);
    for (const site of ["primary", "alternate"] as const)
      expect(JSON.parse(String(stored.get(site)))).to.deep.equal(report.writer);
  });

  it("dates the record by the clock of S3, and accepts such a record, whatever the local clock", async () => {
    const ahead = 20 * 60_000;
    const slowHere = (site: SiteName): ConditionalObjects => ({ ...obedient(site), now: () => Date.now() + ahead });
    sites.standbyAlone();
    const began = Date.now();
    const { writer } = await fence({ objects: slowHere });
    expect(Date.parse(writer?.since ?? "")).to.be.within(began + ahead, Date.now() + ahead);
    expect(await fence({ objects: slowHere })).to.deep.include({ writer, problems: [] });
  });

  it("reports that a site which ignores the record still serves", async () => {
    const report = await fence({ objects: bucket, ...inVain });
    expect(report.stoppedAt).to.equal(undefined);
    expect(report.problems.join()).to.match(/the primary site still serves users after 0.3 s/);
  });

  it("waits for a site reachable only by the public name", async () => {
    sites.standbyAlone().answer(hostnames.publicHostname, "primary", true);
    const report = await fence({ objects: bucket, ...inVain });
    expect(report.problems.join()).to.match(/the primary site still serves users after 0.3 s/);
  });

  it("waits as long as its guard takes for a site whose state is unclear, and reports that", async () => {
    sites.set(hostnames.otherHostname, { [probe.path]: { status: 403, body: "a page" } });
    const report = await fence({ objects: bucket, ...inVain });
    expect(report.stoppedAt).to.equal(undefined);
    expect(report.problems.join()).to.match(/unclear after .* s whether the primary site has stopped: .*403/);
  });

  it("treats a load balancer without targets as the end of service", async () => {
    sites.set(hostnames.otherHostname, { [probe.path]: { status: 403, body: "a page" } });
    const losing = (site: SiteName): ConditionalObjects => ({
      ...bucket(site),
      writeIf: async (...write) => {
        sites.set(hostnames.otherHostname, { [probe.path]: { status: 503, body: "a page" } });
        return bucket(site).writeIf(...write);
      },
    });
    const report = await fence({ objects: losing });
    expect(report.problems).to.deep.equal([]);
    expect(report.stoppedAt).to.be.a("number");
  });

  it("does not treat one refused probe as the end of service", async () => {
    const flicker = setInterval(() => {
      sites.answer(hostnames.otherHostname, "primary", false);
      setTimeout(() => sites.answer(hostnames.otherHostname, "primary", true), 50);
    }, 100);
    const report = await fence({ objects: bucket, waitSeconds: 0.6, quietSeconds: 0.4 });
    clearInterval(flicker);
    await delay(60); // the last flicker ends, or the site would serve again in the next test
    expect(report.stoppedAt).to.equal(undefined);
  });

  it("continues with one bucket if the other is unreachable", async () => {
    stored.set("primary", new Error("cut off"));
    const report = await fence({ objects: obedient });
    expect(report.buckets).to.deep.equal(["bucket-alternate"]);
    expect(report.problems.join()).to.match(/writer record in bucket-primary: cut off/);
    expect(report.stoppedAt).to.be.a("number");
  });

  it("does not wait if no bucket accepted the record, and reports that the site could not be fenced", async () => {
    for (const site of ["primary", "alternate"] as const) stored.set(site, new Error("cut off"));
    const report = await fence({ objects: bucket });
    expect(report.writer).to.equal(undefined);
    expect(report.problems.join("\n")).to.match(/cut off[^]*cut off[^]*the primary site could not be fenced/);
  });

  it("does not overwrite an invalid record", async () => {
    stored.set("primary", "{}");
    const report = await fence({ objects: obedient });
    expect(report.buckets).to.deep.equal(["bucket-alternate"]);
    expect(stored.get("primary")).to.equal("{}");
    expect(report.problems.join()).to.match(/bucket-primary.*not a valid writer record/);
  });

  it("reports a role that was not changed, for whatever reason", async () => {
    const unknown = await fence({ objects: obedient }, { otherStack: undefined });
    expect(unknown.problems.join()).to.match(/role of the primary site was not set to isolated: the project directory/);
    const failing = { ...otherStack, isolate: () => Promise.reject(new Error("the state backend: no answer")) };
    const failed = await fence({ objects: obedient }, { otherStack: failing });
    expect(failed.problems.join()).to.match(/role of stack prod was not set to isolated: the state backend/);
    expect(failed.isolatedStack).to.equal(undefined);
  });

  it("writes the record even if the other site is unreachable, without waiting", async () => {
    sites.standbyAlone();
    const began = performance.now();
    const report = await fence({ objects: bucket });
    expect(report.buckets).to.have.length(2);
    expect(report.problems).to.deep.equal([]);
    expect(performance.now() - began).to.be.below(1500);
  });
});
