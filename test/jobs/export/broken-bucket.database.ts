import { expect } from "chai";
import { exportChangesOrFull } from "../../../jobs/export/changes.ts";
import { hasPoint } from "../../../jobs/export/context.ts";
import { exportFull } from "../../../jobs/export/full.ts";
import { decisionKey } from "../../../jobs/points/decisions.ts";
import type { Manifest } from "../../../jobs/points/manifest.ts";
import { slotOf } from "../../../jobs/points/slot.ts";
import { manifestKey } from "../../../jobs/points/store.ts";
import type { Details } from "../../../jobs/result.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";
import { makeExporter, type Exporter } from "../support/exporter.ts";

describe("the change export in a bucket with bad recovery points", () => {
  let exporter: Exporter;
  let number = 0;

  beforeEach(async () => {
    const database = await freshDatabase();
    await database.query("DEFINE TABLE item SCHEMALESS CHANGEFEED 7d; CREATE item:1 SET n = 1;");
    exporter = makeExporter(database);
  });
  after(stopEngine);

  const nextSlot = () => slotOf(new Date(Date.now() - 3600_000 + ++number * 1000));
  const full = (): Promise<Details> => {
    const { source, settings, context } = exporter;
    return exportFull(source, nextSlot(), settings, context);
  };
  const changes = (): Promise<Details> => {
    const { source, settings, context } = exporter;
    return exportChangesOrFull(source, nextSlot(), settings, context);
  };
  const refusedBy = (result: Details) => (result["refused"] as { key: string }[]).map(({ key }) => key);
  const put = (key: string, text: string) => exporter.store.objects.set(key, Buffer.from(text));
  const change = (kind: Manifest["kind"], slot: unknown, fields: object) => {
    const key = manifestKey(kind, String(slot));
    const manifest = JSON.parse(exporter.store.objects.get(key)?.toString() ?? "{}") as object;
    put(key, JSON.stringify({ ...manifest, ...fields }));
  };

  it("continues the newest good recovery point and reports the skipped ones", async () => {
    const base = await full();
    const bad = ["points/full/zzz/manifest.json", manifestKey("full", nextSlot()), manifestKey("changes", nextSlot())];
    for (const key of bad) put(key, "{}");
    const result = await changes();
    expect(result).to.include({ kind: "changes", full: base["slot"] });
    expect(refusedBy(result)).to.have.members(bad);
    expect(exporter.lines.join("\n")).to.contain("refused points/full/zzz/manifest.json");
    const next = await changes();
    expect(next["parent"]).to.deep.equal({ kind: "changes", slot: result["slot"] });
  });

  it("falls back to a full export if the clock was ahead for a later recovery point", async () => {
    const base = await full();
    const ahead = await changes();
    const storedAt = (kind: Manifest["kind"], { slot }: Details, minutes: number) =>
      exporter.store.storedAt.set(manifestKey(kind, String(slot)), new Date(Date.now() - minutes * 60_000));
    storedAt("full", base, 2);
    storedAt("changes", ahead, 1);
    change("changes", ahead["slot"], { snapshotAt: "2099-01-01T00:00:00.000Z" });
    const result = await changes();
    expect(result["gap"]).to.contain("the clock was ahead");
    expect(await changes()).to.include({ kind: "changes", full: result["slot"] });
  });

  it("makes a full export after a rejected series, which nothing may continue", async () => {
    await full();
    const marked = await changes();
    const suspicious = { since: `changes ${String(marked["slot"])}`, reasons: ["half is gone"] };
    change("changes", marked["slot"], { suspicious });
    const undecided = await changes();
    expect(undecided["kind"]).to.equal("changes");
    const decision = { decision: "reject", by: "ada", at: new Date().toISOString(), reason: "a mistake" };
    put(decisionKey(suspicious.since), JSON.stringify(decision));
    const result = await changes();
    expect(result["gap"]).to.contain(`the rejected changes recovery point ${String(marked["slot"])}`);
    expect(await changes()).to.include({ kind: "changes", full: result["slot"] });
  });

  it("overwrites an unreadable manifest of its own slot, but not an unreachable one", async () => {
    const { slot } = await full();
    const { source, context, store } = exporter;
    const has = () => hasPoint(source, "full", String(slot), context);
    expect(await has()).to.equal(true);
    put(manifestKey("full", String(slot)), "{}");
    expect(await has()).to.equal(false);
    store.failing.set(manifestKey("full", String(slot)), Object.assign(new Error("x"), { name: "SlowDown" }));
    expect(String(await has().catch((error: unknown) => error))).to.equal("SlowDown: x");
  });
});
