import { expect } from "chai";
import { readHeld } from "../../../jobs/overdue/held.ts";
import { decisionKey } from "../../../jobs/points/decisions.ts";
import type { Manifest } from "../../../jobs/points/manifest.ts";
import { timeOfSlot } from "../../../jobs/points/slot.ts";
import { PointBucket } from "../support/bucket.ts";

const timeOf = ({ slot }: Manifest): number => timeOfSlot(slot)?.getTime() ?? 0;

describe("recovery points that a standby skips on purpose", () => {
  const bucket = new PointBucket();
  const base = bucket.full(60);
  const before = bucket.changes(50, base);
  const marked = bucket.changes(40, before);
  const since = `changes ${marked.slot}`;
  bucket.add({ ...marked, suspicious: { since, reasons: ["half is gone"] } });
  const after = bucket.changes(30, marked);
  const full = bucket.full(20);
  bucket.add({ ...full, suspicious: { since, reasons: ["half is gone"] } });
  const good = bucket.full(10);
  const traces = {
    full: [base, full, good].map(timeOf),
    changes: [before, marked, after].map(timeOf),
    standbyEvidence: undefined,
    restoreTest: undefined,
    oldest: undefined,
  };
  const held = { full: [timeOf(full)], changes: [timeOf(marked), timeOf(after)] };

  afterEach(() => bucket.objects.delete(decisionKey(since)));
  const decide = (decision: "accept" | "reject") =>
    bucket.put(decisionKey(since), JSON.stringify({ decision, by: "ada", at: new Date().toISOString(), reason: "x" }));

  it("are those of an undecided series, and their successors", async () => {
    expect(await readHeld(bucket, traces, new Map())).to.deep.equal(held);
  });

  it("are those of a rejected series", async () => {
    decide("reject");
    expect(await readHeld(bucket, traces, new Map())).to.deep.equal(held);
  });

  it("are not those of an accepted one", async () => {
    decide("accept");
    expect(await readHeld(bucket, traces, new Map())).to.deep.equal({ full: [], changes: [] });
  });

  it("are not those that it has already verified", async () => {
    const standbyEvidence = timeOf(full);
    expect(await readHeld(bucket, { ...traces, standbyEvidence }, new Map())).to.deep.equal({ full: [], changes: [] });
  });
});
