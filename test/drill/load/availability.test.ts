import { expect } from "chai";
import fc from "fast-check";
import { availability } from "../../../drill/load/index.ts";
import type { Attempt } from "../../../drill/load/index.ts";

const attempt = (endedAt: number, failure?: string): Attempt => ({
  n: endedAt,
  sentAt: endedAt - 10,
  endedAt,
  failure,
});

const attempts = fc.array(
  fc
    .record({
      n: fc.nat(),
      sentAt: fc.integer({ min: 0, max: 50_000 }),
      took: fc.integer({ min: 0, max: 2000 }),
      failure: fc.option(fc.constantFrom("refused", "late"), { nil: undefined }),
    })
    .map(({ n, sentAt, took, failure }) => ({ n, sentAt, endedAt: sentAt + took, failure })),
  { maxLength: 80 },
);

describe("availability as seen by users", () => {
  it("measures an outage from the last success before it to the first one after", () => {
    const seen = [attempt(1000), attempt(2000, "refused"), attempt(3000, "late"), attempt(4500), attempt(5000)];
    expect(availability(seen)).to.deep.equal({
      attempts: 5,
      succeeded: 3,
      failures: { refused: 1, late: 1 },
      outages: [{ firstFailureAt: 2000, firstSuccessAfterAt: 4500, seconds: 3.5 }],
      latencyMilliseconds: { p50: 10, p99: 10, max: 10 },
    });
  });

  it("leaves an outage open without a later success", () => {
    const { outages } = availability([attempt(1000), attempt(2000, "refused"), attempt(9000, "refused")]);
    expect(outages).to.deep.equal([{ firstFailureAt: 2000, firstSuccessAfterAt: undefined, seconds: 8 }]);
  });

  it("starts with the first failure if nothing succeeded before", () => {
    const { outages } = availability([attempt(2000, "refused"), attempt(3000)]);
    expect(outages).to.deep.equal([{ firstFailureAt: 2000, firstSuccessAfterAt: 3000, seconds: 1.01 }]);
  });

  it("has no latency without a success", () => {
    expect(availability([attempt(1, "refused")]).latencyMilliseconds).to.equal(undefined);
    expect(availability([])).to.deep.include({ attempts: 0, outages: [] });
  });

  it("accounts for every attempt in any order, and never for negative time", () => {
    fc.assert(
      fc.property(attempts, (list) => {
        const sum = availability(list);
        const failed = Object.values(sum.failures).reduce((a, b) => a + b, 0);
        expect(sum.succeeded + failed).to.equal(list.length);
        expect(sum.outages.length > 0).to.equal(failed > 0);
        for (const { seconds, firstFailureAt, firstSuccessAfterAt } of sum.outages) {
          expect(seconds).to.be.at.least(0);
          if (firstSuccessAfterAt !== undefined) expect(firstSuccessAfterAt).to.be.at.least(firstFailureAt);
        }
        expect(sum.outages.slice(0, -1).every((outage) => outage.firstSuccessAfterAt !== undefined)).to.equal(true);
        const { latencyMilliseconds: latency } = sum;
        if (latency) expect(latency.p50 <= latency.p99 && latency.p99 <= latency.max).to.equal(true);
      }),
    );
  });
});
