import { expect } from "chai";
import { bucketKeys } from "../../plan/names.ts";
import { newestVerified } from "../../jobs/evidence.ts";
import { standbyEvidenceKey } from "../../plan/names.ts";
import { slotOf } from "../../jobs/points/slot.ts";
import { MemoryStore } from "./support/memory-store.ts";

describe("the newest verified point", () => {
  const now = Date.now();
  const at = (minutes: number) => new Date(now + minutes * 60_000);
  const put = (store: MemoryStore, minutes: number, content: object) =>
    store.putJson(standbyEvidenceKey(slotOf(at(minutes))), {
      slot: slotOf(at(minutes)),
      snapshotAt: at(minutes).toISOString(),
      verified: true,
      ...content,
    });

  it("is not one that a stale writer made after another site had taken over", async () => {
    const store = new MemoryStore();
    await put(store, -30, { epoch: 1 });
    await put(store, -10, { epoch: 1 });
    const newest = async () => (await newestVerified(store.asStore()))?.slot;
    expect(await newest()).to.equal(slotOf(at(-10)));
    const since = at(-20).toISOString();
    await store.putJson(bucketKeys.writer, { site: "alternate", epoch: 2, since });
    expect(await newest()).to.equal(slotOf(at(-30)));
    await put(store, -5, { epoch: 2 });
    expect(await newest()).to.equal(slotOf(at(-5)));
  });

  it("may be one from before the writer was noted, and is never one that failed", async () => {
    const store = new MemoryStore();
    await put(store, -30, {});
    await put(store, -10, { verified: false });
    expect((await newestVerified(store.asStore()))?.slot).to.equal(slotOf(at(-30)));
  });
});
