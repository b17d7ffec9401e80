import { expect } from "chai";
import fc from "fast-check";
import { formatSeconds, isDuration, readDuration } from "../../plan/duration.ts";

const secondsOf = (text: string) => {
  const read = readDuration(text);
  return isDuration(read) ? read.seconds : undefined;
};

describe("durations", () => {
  for (const [text, seconds] of [
    ["PT0S", 0],
    ["PT30S", 30],
    ["PT15M", 900],
    ["PT1H30M", 5400],
    ["P35D", 3_024_000],
    ["P2W", 1_209_600],
    ["P1DT1H1M1S", 90_061],
    ["PT90M", 5400],
  ] as const) {
    it(`${text} is ${seconds} s`, () => {
      expect(secondsOf(text)).to.equal(seconds);
    });
  }

  for (const text of [
    "",
    "P",
    "PT",
    "P1DT",
    "15M",
    "PT1.5H",
    "-PT1H",
    "pt15m",
    "PT15",
    "P1W1D",
    "PT1S1M",
    " PT1M",
    "PT1M\n",
  ]) {
    it(`${JSON.stringify(text)} is rejected with an example`, () => {
      const read = readDuration(text);
      expect(isDuration(read) ? "accepted" : read.remedy).to.contain("PT15M");
    });
  }

  for (const text of ["P1M", "P1Y", "P1Y2M3D", "P1MT1H", "P6M"]) {
    it(`${text} is rejected, because months and years have no fixed length`, () => {
      const read = readDuration(text);
      expect(isDuration(read) ? "accepted" : read.rule).to.match(/no fixed length/);
    });
  }

  it("keep the original text and add up their parts", () => {
    const parts = fc.record({ d: fc.nat(999_999), h: fc.nat(99_999), m: fc.nat(99_999), s: fc.nat(99_999) });
    fc.assert(
      fc.property(parts, ({ d, h, m, s }) => {
        const iso = `P${d}DT${h}H${m}M${s}S`;
        expect(readDuration(iso)).to.deep.equal({ iso, seconds: ((d * 24 + h) * 60 + m) * 60 + s });
      }),
    );
  });

  it("are parsed or rejected for any text", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."PTDHMSWY0123456789.-+ "), maxLength: 12 });
    fc.assert(
      fc.property(fc.oneof(letters, fc.string()), (text) => {
        const read = readDuration(text);
        if (isDuration(read)) expect(read.seconds).to.be.at.least(0).and.satisfy(Number.isSafeInteger);
        else expect(read.rule.length * read.remedy.length).to.be.above(0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("formatted seconds", () => {
  for (const [seconds, text] of [
    [0, "0 s"],
    [59.96, "1 min"],
    [172.8, "2 min 52.8 s"],
    [604.8, "10 min 4.8 s"],
    [2592, "43 min 12 s"],
    [3600, "1 h"],
    [86_400 * 31 + 3600, "31 d 1 h"],
    [-90, "-1 min 30 s"],
    [Number.NaN, "unknown"],
    [Number.POSITIVE_INFINITY, "unknown"],
  ] as const) {
    it(`${seconds} is written ${text}`, () => {
      expect(formatSeconds(seconds)).to.equal(text);
    });
  }
});
