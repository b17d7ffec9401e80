import { expect } from "chai";
import type { ServedDatabase } from "../support/served-database.ts";
import { bucketKeys } from "../../../contract/index.ts";
import type { Database } from "../../../jobs/database/client.ts";
import { readCatalogue } from "../../../jobs/points/read-catalogue.ts";
import { summarize } from "../../../jobs/points/summary.ts";
import { importFull } from "../../../jobs/restore/import.ts";
import { replayChanges } from "../../../jobs/restore/replay.ts";
import { compareTables } from "../../../jobs/restore/verify.ts";
import { openStage, type Stage } from "../support/stage.ts";
import { fill } from "../support/vapora.ts";

describe("the change export", function () {
  this.timeout(90_000);
  let stage: Stage;
  let front: ServedDatabase;
  let database: Database;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    stage = await openStage();
    front = await stage.serve("source");
    environment = stage.environment("primary", front);
    await stage.job("prepare-database", environment);
    database = stage.database(front, "main");
    await fill(database, 500);
  });
  after(() => stage.stop());

  /** Slots have a resolution of one second. */
  const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1001 - (Date.now() % 1000)));

  async function exportChanges(changed: NodeJS.ProcessEnv = {}) {
    await nextSecond();
    const { status, result } = await stage.job("export --changes", { ...environment, ...changed });
    expect(status, JSON.stringify(result)).to.equal(0);
    return result;
  }

  it("is replaced by a full export if there is none yet, with the reason", async () => {
    const result = await exportChanges();
    expect(result).to.include({ kind: "full", gap: "there is no full export to build on" });
  });

  it("continues the newest recovery point, lists tables without a changefeed, and runs once per slot", async () => {
    await database.query("CREATE project:a SET name = 'a'; CREATE audit SET what = 'unseen';");
    const result = await exportChanges();
    expect(result).to.include({ kind: "changes", outcome: "succeeded" });
    expect(result["tablesWithoutFeed"]).to.deep.equal(["audit"]);
    const next = await exportChanges();
    expect(next["parent"]).to.deep.equal({ kind: "changes", slot: result["slot"] });
    const named = { JOB_NAME: `export-changes-${Math.floor(Date.now() / 60_000)}` };
    expect((await exportChanges(named))["outcome"]).to.equal("succeeded");
    expect((await exportChanges(named))["outcome"]).to.equal("skipped");
  });

  it("writes a manifest even if nothing changed, as a sign of life", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const result = await exportChanges({ CHANGES_OVERLAP_SECONDS: "0" });
    await nextSecond();
    const idle = await exportChanges({ CHANGES_OVERLAP_SECONDS: "0" });
    expect(idle).to.include({ kind: "changes", changes: 0, bytes: 0 });
    const manifest = await stage.store("primary").manifest("changes", String(idle["slot"]));
    expect(manifest?.parts).to.deep.equal([]);
    expect(Date.parse(manifest?.snapshotAt ?? "")).to.be.above(Date.parse(String(result["snapshotAt"])));
  });

  const gaps: [string, RegExp, () => Promise<unknown>, NodeJS.ProcessEnv?][] = [
    ["a new table", /definitions have changed/, () => database.query("DEFINE TABLE extra SCHEMALESS CHANGEFEED 7d")],
    ["a new index", /definitions have changed/, () => database.query("DEFINE INDEX extra_x ON extra FIELDS x")],
    [
      "a table that was removed and redefined",
      /table extra was redefined/,
      () =>
        database.query(`CREATE extra:1; REMOVE TABLE extra; DEFINE TABLE extra SCHEMALESS CHANGEFEED 7d;
          DEFINE INDEX extra_x ON extra FIELDS x;`),
    ],
    [
      "a changefeed that does not reach back to the last recovery point",
      /the changefeed retains only 604800 s/,
      async () => undefined,
      { CHANGES_OVERLAP_SECONDS: "604800" },
    ],
    [
      "a new epoch",
      /written by another site, epoch or database/,
      () => stage.database(front, "continuity").query("UPDATE site:state SET epoch = 2"),
    ],
  ];
  for (const [what, reason, act, changed] of gaps) {
    it(`detects a gap and makes a full export: ${what}`, async () => {
      await act();
      await nextSecond();
      const result = await exportChanges(changed);
      expect(result["kind"]).to.equal("full");
      expect(result["gap"]).to.match(reason);
      expect(await exportChanges()).to.include({ kind: "changes", full: result["slot"] });
    });
  }

  it("restores the source's state together with its full export, under concurrent writes", async () => {
    let writing = true;
    let n = 10_000;
    const write = async (worker: number) => {
      while (writing) {
        const [a, b] = [`w${worker}`, n++];
        await database.attempt(`CREATE ledger:${b} SET n = ${b}, at = time::now(), payload = 'x';
          UPSERT project:${a} SET name = 'name ${b}', score = ${b % 3}f; DELETE ledger WHERE n = ${b - 15};
          BEGIN; CREATE task:${b} SET size = ${b % 5}; RELATE project:${a}->owns->task:${b}; COMMIT;
          DELETE task:${b - 9};`);
      }
    };
    const writers = [1, 2].map(write);
    await nextSecond();
    const full = await stage.job("export", environment);
    expect(full.status, JSON.stringify(full.result)).to.equal(0);
    for (let round = 0; round < 3; round++) {
      expect((await exportChanges({ CHANGES_PAGE_SIZE: "50" }))["kind"]).to.equal("changes");
    }
    writing = false;
    await Promise.all(writers);
    await exportChanges();

    const store = stage.store("primary");
    const manifest = await store.manifest("full", String(full.result["slot"]));
    if (!manifest) throw new Error("no manifest");
    const target = stage.database(await stage.serve("target"), "restored");
    await target.other("").query("DEFINE NAMESPACE IF NOT EXISTS vapora");
    const signal = new AbortController().signal;
    await importFull(store, manifest, target, { chunkBytes: 50_000, indexTimeoutSeconds: 30, signal });
    // The gaps above started a second epoch, which a record always announces.
    const writer = { site: "primary", epoch: 2, since: manifest.snapshotAt } as const;
    const chain = (await readCatalogue({ store, writer })).chain({ ...manifest, full: manifest.slot }, () => true);
    expect(chain).to.have.length(4);
    for (const { slot } of chain) {
      const point = await store.manifest("changes", slot);
      expect(point && (await replayChanges(store, point, target)).differences).to.deep.equal([]);
    }
    const source = await summarize(await database.export());
    expect(source.tables["ledger"]?.rows).to.be.above(505);
    expect(compareTables(source.tables as never, (await summarize(await target.export())).tables)).to.deep.equal([]);
  });

  it("leaves only described objects in the bucket, except for aborted runs", async () => {
    const keys = await stage.store("primary").keys(bucketKeys.changesPrefix);
    const folders = new Set(keys.map((key) => key.split("/")[2]));
    const slots = await stage.store("primary").slots("changes");
    const undescribed = [...folders].filter((folder) => !slots.includes(folder ?? ""));
    expect(undescribed.length).to.be.at.most(gaps.length);
  });
});
