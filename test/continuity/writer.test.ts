import { expect } from "chai";
import { manifestKey, objectsIn, slotOf } from "../../jobs/index.ts";
import { bucketKeys, type SiteName } from "../../contract/index.ts";
import type { KubernetesApi } from "../../continuity/kubernetes.ts";
import type { StackSettings } from "../../continuity/stacks.ts";
import { viewRecord, type RecordView } from "../../continuity/writer/records.ts";
import { setWriter, type SetOptions } from "../../continuity/writer/set.ts";
import { describeWriters, findProblems } from "../../continuity/writer/show.ts";
import { viewState, type StateView } from "../../continuity/writer/site-state.ts";
import { manifestOf } from "../support/recovery-points.ts";
import { FakeBuckets } from "./fake-bucket.ts";
import { FakeCluster, type KubeObject } from "./fake-cluster.ts";

const bucketOf = {
  primary: "vapora-recovery-points-eu-west-1",
  alternate: "vapora-recovery-points-eu-central-1",
} as const;
const since = "2026-01-15T10:00:00.000Z";
const batch = "/apis/batch/v1/namespaces/vapora";
const pods = "/api/v1/namespaces/vapora/pods";

const settings = {
  topology: { namePrefix: "vapora", primaryRegion: "eu-west-1", alternateRegion: "eu-central-1" },
  site: "primary",
} as StackSettings;

interface Database {
  ready: boolean;
  epoch: number;
}

/** A cluster whose promotion template runs immediately: it reports the database's state, or sets its epoch. */
class FakeSite extends FakeCluster {
  readonly modes: string[] = [];
  readonly database: Database;
  readonly #newEpoch: () => number;

  constructor(database: Database, newEpoch: () => number) {
    super();
    this.database = database;
    this.#newEpoch = newEpoch;
    const template = { spec: { template: { spec: { containers: [{ name: "job", env: [] }] } } } };
    this.answers.set(`${batch}/cronjobs/standby-promote`, { metadata: { uid: "u" }, spec: { jobTemplate: template } });
    const pod = { metadata: { name: "p" }, spec: { containers: [{ name: "job" }] }, status: {} };
    this.answers.set(pods, { items: [pod] });
  }

  override async post(path: string, body: KubeObject): Promise<KubeObject> {
    const mode = body.spec.template.spec.containers[0].env[0].value as string;
    this.modes.push(mode);
    const refused = mode === "adopt" && !this.database.ready;
    if (mode === "adopt" && !refused) this.database.epoch = this.#newEpoch();
    const { ready, epoch } = this.database;
    const state = { database: ready ? "main" : "", ready, reason: "for a test", epoch };
    const details = mode === "adopt" ? { outcome: "skipped", epoch } : { outcome: "succeeded", state };
    const type = refused ? "Failed" : "Complete";
    const conditions = [{ type, status: "True", message: "refused", lastTransitionTime: since }];
    this.answers.set(`${batch}/jobs/${body.metadata.name}`, {
      metadata: { creationTimestamp: since },
      status: { completionTime: since, conditions },
    });
    this.answers.set(`${pods}/p/log`, `${JSON.stringify({ job: "standby-sync", ...details })}\n`);
    return super.post(path, body);
  }
}

const dead: KubernetesApi = {
  namespace: "vapora",
  get: () => Promise.reject(new Error("no answer within 10 s")),
  find: () => Promise.reject(new Error("no answer within 10 s")),
  post: () => Promise.reject(new Error("no answer within 10 s")),
  text: () => Promise.reject(new Error("no answer within 10 s")),
};

describe("continuity writer set", () => {
  let buckets: FakeBuckets;
  let site: FakeSite;
  let asked: string;

  beforeEach(() => {
    buckets = new FakeBuckets();
    site = new FakeSite({ ready: true, epoch: 1 }, () => record("primary").epoch);
    asked = "";
  });

  const record = (region: SiteName) => buckets.json(bucketOf[region], bucketKeys.writer) as { epoch: number };
  const put = (region: SiteName, content: unknown) => buckets.put(bucketOf[region], bucketKeys.writer, content);
  const set = (
    changed: Partial<SetOptions> = {},
    more: { kubernetes?: KubernetesApi; answer?: boolean; now?: () => number } = {},
  ) =>
    setWriter({
      options: { stack: "prod", site: "primary", by: "ada", reason: "forged", project: ".", yes: true, ...changed },
      settings,
      buckets: {
        primary: { ...objectsIn(buckets, bucketOf.primary), ...(more.now && { now: more.now }) },
        alternate: objectsIn(buckets, bucketOf.alternate),
      },
      kubernetes: () => more.kubernetes ?? site,
      confirm: async (question) => {
        asked = question;
        return more.answer ?? true;
      },
    });
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail("it was not refused"),
      (error: Error) => error.message,
    );

  it("gives the rightful writer a new epoch in both regions and in its database, and stores evidence", async () => {
    put("primary", { site: "alternate", epoch: 7, since });
    put("alternate", { site: "alternate", epoch: 6, since });
    const result = await set();
    expect(result.problems).to.deep.equal([]);
    expect(result.after).to.include({ site: "primary", epoch: 8 });
    expect(record("primary")).to.deep.equal(result.after);
    expect(record("alternate")).to.deep.equal(result.after);
    expect(site.database.epoch).to.equal(8);
    expect(result.databaseEpoch).to.equal(8);
    expect(result.evidence).to.match(/^evidence\/writer\/\d{4}-.*\.json$/);
    const kept = buckets.json(bucketOf.primary, result.evidence ?? "");
    expect(kept).to.deep.include({ by: "ada", reason: "forged", after: result.after });
    expect((kept as { before: object[] }).before[0]).to.deep.include({
      writer: { site: "alternate", epoch: 7, since },
    });
  });

  it("dates the record by the clock of S3, not the local one", async () => {
    const { after, at } = await set({}, { now: () => Date.parse("2026-01-15T11:00:00Z") });
    expect([after.since, at]).to.deep.equal(["2026-01-15T11:00:00.000Z", "2026-01-15T11:00:00.000Z"]);
  });

  it("repairs an invalid record, above its apparent epoch", async () => {
    put("primary", { site: "alternate", epoch: 41 });
    expect((await set()).after.epoch).to.equal(42);
    put("primary", "{");
    expect((await set()).after.epoch).to.equal(43);
  });

  it("uses an epoch above the database's, ignoring forged ones", async () => {
    site.database.epoch = 11;
    expect((await set()).after.epoch).to.equal(12);
    const time = new Date(Date.now() - 60_000);
    const point = manifestOf(time, { writer: { site: "primary", epoch: 20 } });
    buckets.put(bucketOf.primary, manifestKey("changes", slotOf(time)), point);
    expect((await set()).after.epoch, "a point claims more").to.equal(13);
    put("primary", { site: "alternate", epoch: Number.MAX_SAFE_INTEGER, since });
    put("alternate", "gone wrong");
    expect((await set()).after.epoch).to.equal(14);
    for (const epoch of [1_000_000_000, 999_999_999]) {
      put("primary", { site: "alternate", epoch, since });
      put("alternate", { site: "alternate", epoch, since });
      expect((await set()).buckets).to.have.length(2);
    }
    expect(record("primary")).to.include({ site: "primary", epoch: 16 });
    put("primary", { site: "alternate", epoch: 999_999, since });
    expect((await set()).after.epoch).to.equal(1_000_000);
  });

  it("uses an epoch above those of recovery points if neither record nor database has one", async () => {
    const [time, later] = [new Date(Date.now() - 60_000), new Date(Date.now() - 50_000)];
    const point = manifestOf(time, { writer: { site: "primary", epoch: 20 } });
    buckets.put(bucketOf.primary, manifestKey("changes", slotOf(time)), point);
    const forged = manifestOf(later, { writer: { site: "primary", epoch: 1e12 } });
    buckets.put(bucketOf.primary, manifestKey("changes", slotOf(later)), forged);
    for (let index = 0; index < 60; index++) buckets.put(bucketOf.primary, `points/changes/zz${index}/x`, {});
    expect((await set({}, { kubernetes: dead })).after.epoch).to.equal(21);
  });

  it("shows the current state and asks; any other answer changes nothing", async () => {
    put("primary", { site: "alternate", epoch: 7, since });
    expect(await refusal(set({ yes: false }, { answer: false }))).to.match(/not confirmed; nothing was changed/);
    expect(asked).to.match(/alternate since .* in epoch 7[^]*no record[^]*in use \(database main\), epoch 1/);
    expect(asked).to.match(/becomes: +primary since .* in epoch 8[^]*Type primary to continue/);
    expect(record("primary").epoch).to.equal(7);
    await set({ yes: false });
    expect(record("primary").epoch).to.equal(8);
  });

  it("changes nothing if the record is no longer the one shown", async () => {
    put("primary", { site: "alternate", epoch: 7, since });
    buckets.beforeWrite = () => put("primary", { site: "alternate", epoch: 9, since });
    expect(await refusal(set())).to.match(/changed by another writer; nothing was changed\n.*writer show/);
    expect(record("primary").epoch).to.equal(9);
    expect(site.modes).to.deep.equal(["report"]);
  });

  it("requires only the stack's own bucket", async () => {
    buckets.dead.add(bucketOf.alternate);
    const result = await set({}, { kubernetes: dead });
    expect(result.buckets).to.deep.equal([bucketOf.primary]);
    expect(result.problems.join("\n")).to.match(/eu-central-1 does not have the record yet[^]*did not adopt the epoch/);
    buckets.dead.add(bucketOf.primary);
    expect(await refusal(set())).to.match(/eu-west-1 is unreachable: .*ECONNREFUSED; nothing was changed/);
  });

  it("promotes nothing: another site's database rejects the epoch", async () => {
    site.database.ready = false;
    const { problems, databaseEpoch } = await set();
    expect(problems.join()).to.match(/did not adopt the epoch: job .* failed.*or promote the site/);
    expect(databaseEpoch).to.equal(undefined);
    expect(site.modes).to.deep.equal(["report", "adopt"]);
  });

  it("reports that the other site's database lacks the epoch", async () => {
    const { after, problems } = await set({ site: "alternate" });
    expect(after.site).to.equal("alternate");
    expect(problems.join()).to.match(/the alternate site's database does not have epoch 2 yet/);
  });
});

describe("continuity writer show", () => {
  const view = (region: SiteName, changed: Partial<RecordView> = {}): RecordView => ({
    region,
    bucket: bucketOf[region],
    answers: true,
    writer: { site: "primary", epoch: 2, since },
    unreadable: undefined,
    problem: undefined,
    condition: { ifNoneMatch: "*" },
    ...changed,
  });
  const both = [view("primary"), view("alternate")];
  const inUse = (site: SiteName, epoch: number): StateView => ({
    site,
    state: { database: "main", ready: true, reason: "", epoch },
    problem: undefined,
  });

  it("finds no problem if everything agrees", () => {
    expect(findProblems(both, [inUse("primary", 2)])).to.deep.equal([]);
    const never = [view("primary", { writer: undefined }), view("alternate", { writer: undefined })];
    expect(findProblems(never, [inUse("primary", 1)])).to.deep.equal([]);
  });

  const other = { site: "alternate", epoch: 3, since } as const;
  for (const [what, records, states, problem] of [
    [
      "an unreachable region",
      [view("primary"), view("alternate", { answers: false, problem: "does not answer: x" })],
      [],
      /alternate region: does not answer/,
    ],
    [
      "an invalid record",
      [view("primary", { writer: undefined, unreadable: "{", problem: "not JSON" }), view("alternate")],
      [],
      /primary region: not JSON/,
    ],
    [
      "records that differ",
      [view("primary"), view("alternate", { writer: other })],
      [],
      /records differ: primary .* epoch 2 and alternate .* epoch 3/,
    ],
    [
      "a database behind its own record",
      both,
      [inUse("primary", 1)],
      /in use in epoch 1, but the record gives it a later/,
    ],
    ["a database that was superseded", both, [inUse("alternate", 1)], /another site took over/],
    ["two sites in one epoch", both, [inUse("alternate", 2)], /another site claims the same epoch/],
    ["a record older than the database", both, [inUse("alternate", 5)], /older than its database/],
    ["two databases in use", both, [inUse("primary", 2), inUse("alternate", 2)], /two writers/],
    ["an unreachable cluster", both, [{ site: "primary", state: undefined, problem: "late" }], /primary site: late/],
  ] as const) {
    it(`finds ${what}`, () => expect(findProblems(records, states).join("\n")).to.match(problem));
  }

  it("finds a writer whose database is not in use", () => {
    const stopped = { ready: false, database: "main", reason: "site alternate has been the writer", epoch: 1 };
    const states = [{ site: "primary", state: stopped, problem: undefined } as const];
    expect(findProblems(both, states).join()).to.match(/names the primary site, whose database is not in use/);
  });

  it("prints records, databases and problems", () => {
    const records = [
      view("primary"),
      view("alternate", { writer: undefined, unreadable: "{ half", problem: "not JSON" }),
    ];
    const states = [inUse("primary", 1)];
    const text = describeWriters({ records, states, problems: findProblems(records, states) });
    expect(text).to.match(/^ {2}primary .*eu-west-1: primary since 2026-01-15T10:00:00.000Z in epoch 2$/m);
    expect(text).to.match(/^ {2}alternate .*eu-central-1: unreadable: \{ half$/m);
    expect(text).to.match(/^ {2}primary +in use \(database main\), epoch 1$/m);
    expect(text).to.match(/^ {2}! alternate region: not JSON$/m);
  });

  it("reads a record with its ETag, even an invalid one", async () => {
    const buckets = new FakeBuckets();
    const read = () => viewRecord("primary", objectsIn(buckets, bucketOf.primary));
    expect(await read()).to.deep.include({ writer: undefined, problem: undefined, condition: { ifNoneMatch: "*" } });
    buckets.put(bucketOf.primary, bucketKeys.writer, "{ half");
    const broken = await read();
    expect(broken).to.include({ answers: true, unreadable: "{ half" });
    expect(broken.condition)
      .to.have.property("ifMatch")
      .that.matches(/^"[0-9a-f]{32}"$/);
    buckets.dead.add(bucketOf.primary);
    expect(await read()).to.deep.include({ answers: false, writer: undefined });
  });

  it("queries a site's database through a job in its cluster", async () => {
    const site = new FakeSite({ ready: true, epoch: 4 }, () => 4);
    expect((await viewState("primary", () => site)).state).to.include({ ready: true, epoch: 4 });
    expect((await viewState("primary", () => dead)).problem).to.match(/no answer within 10 s/);
  });
});
