import { expect } from "chai";
import fc from "fast-check";
import { compareLedger } from "../../../drill/load/index.ts";
import type { Acknowledged, LedgerEntry } from "../../../drill/load/index.ts";

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

interface Write {
  sentAt: number;
  /** Milliseconds from sending to storing, and from storing to the acknowledgement. */
  delays: [number, number];
  fate: "confirmed" | "unconfirmed" | "lost" | "doubled";
}

const writes = fc.array(
  fc.record<Write>({
    sentAt: fc.integer({ min: 0, max: 10_000 }),
    delays: fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 })),
    fate: fc.constantFrom("confirmed", "unconfirmed", "lost", "doubled"),
  }),
  { maxLength: 60 },
);

function run(list: readonly Write[]) {
  const acknowledged: Acknowledged[] = [];
  const entries: LedgerEntry[] = [];
  list.forEach(({ sentAt, delays: [storing, confirming], fate }, n) => {
    const entry = { n, payload: "", at: iso(sentAt + storing) };
    if (fate !== "lost") entries.push(entry);
    if (fate === "doubled") entries.push({ ...entry });
    if (fate !== "unconfirmed") acknowledged.push({ n, at: entry.at, sentAt, ackedAt: sentAt + storing + confirming });
  });
  return { acknowledged, entries };
}

const numbersOf = (list: readonly Write[], fate: Write["fate"]): number[] =>
  list.flatMap((write, n) => (write.fate === fate ? [n] : []));

describe("comparison of a ledger", () => {
  it("finds exactly the lost, duplicated and unacknowledged entries", () => {
    fc.assert(
      fc.property(writes, (list) => {
        const result = compareLedger(run(list));
        expect(result.lostAcknowledged.map(({ n }) => n)).to.deep.equal(numbersOf(list, "lost"));
        expect(result.duplicates).to.deep.equal(numbersOf(list, "doubled"));
        expect(result.unacknowledgedButPresent.map(({ n }) => n)).to.deep.equal(numbersOf(list, "unconfirmed"));
        expect(result.altered).to.deep.equal([]);
      }),
    );
  });

  it("accepts any order possible with one clock", () => {
    fc.assert(
      fc.property(writes, (list) => {
        expect(compareLedger(run(list)).outOfOrder).to.deep.equal([]);
      }),
    );
  });

  it("is independent of the order of both lists", () => {
    fc.assert(
      fc.property(writes, fc.gen(), (list, gen) => {
        const { acknowledged, entries } = run(list);
        const shuffled = {
          acknowledged: gen(() => fc.shuffledSubarray(acknowledged, { minLength: acknowledged.length })),
          entries: gen(() => fc.shuffledSubarray(entries, { minLength: entries.length })),
        };
        const sizes = ({
          lostAcknowledged: l,
          duplicates: d,
          unacknowledgedButPresent: u,
        }: ReturnType<typeof compareLedger>) => [
          new Set(l.map(({ n }) => n)),
          new Set(d),
          new Set(u.map(({ n }) => n)),
        ];
        expect(sizes(compareLedger(shuffled))).to.deep.equal(sizes(compareLedger({ acknowledged, entries })));
      }),
    );
  });

  it("finds an entry stored before one acknowledged before it was sent", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 }), (gap, back) => {
        const first = { n: 1, at: iso(1000), sentAt: 990, ackedAt: 1010 };
        const second = { n: 2, at: iso(1000 - back), sentAt: 1010 + gap, ackedAt: 1020 + gap };
        const entries = [first, second].map(({ n, at }) => ({ n, at, payload: "" }));
        const { outOfOrder } = compareLedger({ acknowledged: [first, second], entries });
        expect(outOfOrder.map(({ n }) => n)).to.deep.equal([2]);
      }),
    );
  });

  it("finds an entry stored at a time other than acknowledged", () => {
    const acknowledged = [{ n: 1, at: iso(1000), sentAt: 990, ackedAt: 1010 }];
    const { altered } = compareLedger({ acknowledged, entries: [{ n: 1, at: iso(1001), payload: "" }] });
    expect(altered.map(({ n }) => n)).to.deep.equal([1]);
  });
});
