import fc from "fast-check";

/**
 * Text of any Unicode characters. The library's own unit for it builds a table of all of them first, which takes a
 * second in each test process.
 */
export const anyText = (limits: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({ ...limits, unit: anyCharacter });

const ascii = fc.integer({ min: 0, max: 0x7f });
const belowSurrogates = fc.integer({ min: 0x80, max: 0xd7ff });
const aboveSurrogates = fc.integer({ min: 0xe000, max: 0x10ffff });
const anyCharacter = fc.oneof(ascii, belowSurrogates, aboveSurrogates).map((point) => String.fromCodePoint(point));
