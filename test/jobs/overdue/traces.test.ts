import { expect } from "chai";
import { readTraces } from "../../../jobs/overdue/traces.ts";
import type { DueTimes } from "../../../jobs/overdue/overdue.ts";
import { slotOf } from "../../../jobs/points/slot.ts";
import { MemoryStore } from "../support/memory-store.ts";

const hour = 3600;
const day = 24 * hour;
const due: DueTimes = {
  fullIntervalSeconds: hour,
  fullRunSeconds: 1500,
  changesIntervalSeconds: 600,
  changesRunSeconds: 360,
  replicationSeconds: 900,
  importSeconds: 300,
  restoreTestIntervalSeconds: 31 * day,
  restoreTestRunSeconds: 5 * hour,
};

const now = Date.UTC(2026, 10, 24, 12);
const ago = (seconds: number): number => now - seconds * 1000;
const slot = (seconds: number): string => slotOf(new Date(ago(seconds)));

/** A bucket with objects with these keys. */
function storeWith(objects: Record<string, unknown>): MemoryStore {
  const store = new MemoryStore();
  for (const [key, content] of Object.entries(objects)) {
    store.objects.set(key, Buffer.from(typeof content === "string" ? content : JSON.stringify(content)));
  }
  return store;
}

const read = (store: MemoryStore, known = new Map<string, string | undefined>()) =>
  readTraces(store, "alternate", due, known, now);

describe("traces of runs", () => {
  it("are undefined or empty in an empty bucket", async () => {
    expect(await read(new MemoryStore())).to.deep.equal({
      full: [],
      changes: [],
      standbyEvidence: undefined,
      restoreTest: undefined,
      oldest: undefined,
    });
  });

  it("are recovery points with a manifest, not the parts of others", async () => {
    const store = storeWith({
      [`points/full/${slot(hour)}/manifest.json`]: {},
      [`points/full/${slot(60)}/data-1.zst`]: {},
      [`points/changes/${slot(1200)}/manifest.json`]: {},
      [`points/changes/${slot(600)}/manifest.json`]: {},
    });
    const { full, changes } = await read(store);
    expect({ full, changes }).to.deep.equal({ full: [ago(hour)], changes: [ago(1200), ago(600)] });
  });

  it("exclude future and malformed slots", async () => {
    const store = storeWith({
      [`points/full/${slot(hour)}/manifest.json`]: {},
      [`points/full/${slot(-hour)}/manifest.json`]: {},
      "points/full/20990101T000000Z/manifest.json": {},
      "points/full/zzz/manifest.json": {},
      "evidence/standby-sync/20990101T000000Z.json": {},
      [`evidence/standby-sync/${slot(hour)}.json`]: {},
    });
    const { full, standbyEvidence } = await read(store);
    expect({ full, standbyEvidence }).to.deep.equal({ full: [ago(hour)], standbyEvidence: ago(hour) });
  });

  it("distinguish the site's restore tests from the other's, whose evidence is replicated here", async () => {
    const store = storeWith({
      [`evidence/restore-verify/${slot(40 * day)}.json`]: { site: "alternate" },
      [`evidence/restore-verify/${slot(9 * day)}.json`]: { site: "primary" },
      [`evidence/restore-verify/${slot(3 * day)}.json`]: "not JSON",
      [`evidence/restore-verify/${slot(2 * day)}.json`]: "null",
    });
    expect((await read(store)).restoreTest).to.equal(ago(40 * day));
  });

  it("read each piece of evidence once", async () => {
    const store = storeWith({ [`evidence/restore-verify/${slot(day)}.json`]: { site: "alternate" } });
    const known = new Map<string, string | undefined>();
    await read(store, known);
    store.text = () => Promise.reject(new Error("read again"));
    expect((await read(store, known)).restoreTest).to.equal(ago(day));
  });

  it("are as old as the oldest one, beyond the range searched for the newest", async () => {
    const store = storeWith({
      [`points/full/${slot(34 * day)}/data-1.zst`]: {},
      [`evidence/standby-sync/${slot(300 * day)}.json`]: {},
    });
    expect((await read(store)).oldest).to.equal(ago(300 * day));
  });
});
