import { expect } from "chai";
import fc from "fast-check";
import type { PastPoint } from "../../../jobs/export/history.ts";
import { countUndecided, judgeShrink, withRates } from "../../../jobs/export/suspicion.ts";

const limits = { ratio: 0.1, minimumRows: 1000, withinSeconds: 3600 };
const minute = 60_000;
const noon = Date.parse("2026-11-23T12:00:00Z");

/** A recovery point the given number of minutes after noon. */
const past = (minutes: number, ledger: number | undefined, changed: Partial<PastPoint> = {}): PastPoint => ({
  name: `changes ${minutes}`,
  at: noon + minutes * minute,
  epoch: 1,
  rows: ledger === undefined ? undefined : { ledger, small: 10 },
  sequences: {},
  suspicious: undefined,
  mark: undefined,
  ...changed,
});
const marked = (minutes: number, ledger: number, mark: PastPoint["mark"], since = `changes ${minutes}`) =>
  past(minutes, ledger, {
    mark,
    suspicious: {
      since,
      reasons: [`table ledger has ${ledger} rows, 10000 in point changes 0: more than 10 % are missing`],
    },
  });
const judge = (minutes: number, ledger: number, history: PastPoint[], rows: Record<string, number> = { ledger }) =>
  judgeShrink({ name: `changes ${minutes}`, at: noon + minutes * minute, rows }, history, limits);

describe("a recovery point is suspicious", () => {
  it("if a large table lost more than the limit since the previous one", () => {
    const history = [past(0, 10_000)];
    expect(judge(10, 9000, history)).to.equal(undefined);
    expect(judge(10, 8999, history)).to.deep.equal({
      since: "changes 10",
      reasons: ["table ledger has 8999 rows, 10000 in point changes 0: more than 10 % are missing"],
    });
    expect(judge(10, 5000, history)?.reasons).to.have.length(1);
    expect(judge(10, 20_000, history)).to.equal(undefined);
  });

  it("if a large table is gone, but not if a small one is", () => {
    expect(judge(10, 0, [past(0, 10_000)], {})?.reasons).to.deep.equal([
      "table ledger is gone, 10000 in point changes 0: more than 10 % are missing",
    ]);
    expect(judge(10, 0, [past(0, 1000)], {})).to.equal(undefined);
    expect(judge(10, 0, [past(0, 1001)], {})).not.to.equal(undefined);
  });

  it("if small losses add up within the period, but not over a longer one", () => {
    const eroding = [0, 10, 20, 30].map((minutes) => past(minutes, 10_000 - 30 * minutes));
    expect(judge(33, 9001, eroding)).to.equal(undefined);
    expect(judge(40, 8800, eroding)?.reasons[0]).to.contain("10000 in point changes 0");
    const slow = [0, 30, 60, 90].map((minutes) => past(minutes, 10_000 - 15 * minutes));
    expect(judge(120, 8200, slow)).to.equal(undefined);
  });

  it("also after a pause, compared with the newest existing one", () => {
    expect(judge(600, 5000, [past(0, 20_000), past(10, 10_000)])?.reasons[0]).to.contain("10000 in point changes 10");
    expect(judge(0, 0, [])).to.equal(undefined);
    expect(judge(20, 5000, [past(0, 10_000), past(10, undefined)]), "a point without counts").not.to.equal(undefined);
  });

  it("until its rows are back; its series never becomes its own baseline", () => {
    const history = [past(0, 10_000)];
    for (let minutes = 10; minutes < 300; minutes += 10) {
      const suspicious = judge(minutes, 5000, history);
      expect(suspicious?.since, `after ${minutes} min`).to.equal("changes 10");
      history.push(past(minutes, 5000, { suspicious, mark: "undecided" }));
    }
    expect(countUndecided(history)).to.equal(29);
    expect(judge(300, 9500, history)).to.equal(undefined);
    expect(judge(310, 5000, [...history, past(300, 9500)])?.since, "a new series").to.equal("changes 310");
  });

  it("no longer after the loss was accepted, and again after further losses", () => {
    const accepted = [past(0, 10_000), marked(10, 5000, "accepted"), marked(20, 4000, "accepted", "changes 10")];
    expect(judge(30, 4000, accepted)).to.equal(undefined);
    expect(judge(30, 3599, accepted)).to.deep.include({ since: "changes 30" });
    expect(judge(40, 3900, [...accepted, past(30, 4000)])).to.equal(undefined);
    expect(countUndecided(accepted)).to.equal(0);
  });

  it("still after the loss was rejected, as are its successors", () => {
    const rejected = [past(0, 10_000), marked(10, 5000, "rejected")];
    expect(judge(20, 5000, rejected)).to.include({ since: "changes 10" });
    expect(judge(20, 10_000, rejected)).to.equal(undefined);
    expect(countUndecided(rejected)).to.equal(0);
    const both = [past(0, 0, { rows: { ledger: 10_000, orders: 10_000 } }), marked(10, 5000, "rejected")];
    expect(judge(20, 0, both, { orders: 10_000 }), "the same table, now gone").to.include({ since: "changes 10" });
    const another = judge(20, 5000, both, { ledger: 5000, orders: 100 });
    expect(another, "another table").to.include({ since: "changes 20" });
    expect(judge(20, 5000, [both[0]!, marked(10, 5000, "undecided")], { ledger: 5000 })).to.include({
      since: "changes 10",
    });
  });

  it("whenever the loss within the period exceeds the limit, in however many steps", () => {
    const steps = fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(steps, (changes) => {
        const counts = changes.reduce((all, change) => [...all, Math.max(0, (all.at(-1) ?? 0) + change)], [20_000]);
        const history = counts.slice(0, -1).map((ledger, index) => past(index * 10, ledger));
        const [now, most] = [counts.at(-1) ?? 0, Math.max(...counts.slice(0, -1))];
        expect(judge((counts.length - 1) * 10, now, history) !== undefined).to.equal(most - now > 0.1 * most);
      }),
    );
  });
});

describe("the rate of a sequence", () => {
  const history = [past(0, 1, { sequences: { ticket: { value: 1000, batch: 10, perSecond: 8 } } })];
  const rate = (value: number, seconds: number, epoch = 1) =>
    withRates({ ticket: { value, batch: 10 } }, { at: noon + seconds * 1000, epoch }, history)["ticket"]?.perSecond;

  it("is measured since the previous recovery point, and a burst decays", () => {
    expect(rate(61_000, 600)).to.equal(100);
    expect(rate(1001, 600)).to.equal(4);
  });

  it("excludes what a promotion skipped and what cannot be compared", () => {
    expect(rate(601_000, 600, 2)).to.equal(undefined);
    expect(rate(1001, 0.5)).to.equal(undefined);
    expect(withRates({ other: { value: 5, batch: 1 } }, { at: noon + 1e6, epoch: 1 }, history)).to.deep.equal({
      other: { value: 5, batch: 1 },
    });
    expect(withRates({ ticket: { value: 5, batch: 1 } }, { at: noon, epoch: 1 }, [])["ticket"]).not.to.have.property(
      "perSecond",
    );
  });
});
