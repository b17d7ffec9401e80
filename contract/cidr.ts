/** Arithmetic of IPv4 address ranges. */

export interface Cidr {
  /** First address, as a number. */
  readonly first: number;
  /** Length of the prefix, 0 to 32. */
  readonly prefix: number;
}

/** Number of addresses. */
export const sizeOf = ({ prefix }: Cidr): number => 2 ** (32 - prefix);

/** Reads `10.64.0.0/15`; undefined unless it is a range that begins at a multiple of its size. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = (match ?? []).slice(1).map(Number);
  if (prefix > 32 || [a, b, c, d].some((part) => part > 255)) return undefined;
  const range = { first: ((a * 256 + b) * 256 + c) * 256 + d, prefix };
  // One spelling per range, so that no two texts mean the same addresses.
  return range.first % sizeOf(range) === 0 && formatCidr(range) === text ? range : undefined;
}

export function formatCidr({ first, prefix }: Cidr): string {
  const parts = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256);
  return `${parts.join(".")}/${prefix}`;
}

export const overlaps = (one: Cidr, other: Cidr): boolean =>
  one.first < other.first + sizeOf(other) && other.first < one.first + sizeOf(one);

export const contains = (outer: Cidr, inner: Cidr): boolean => inner.prefix >= outer.prefix && overlaps(outer, inner);

/** All parts of a length, in order. */
export function splitCidr(range: Cidr, prefix: number): Cidr[] {
  if (prefix < range.prefix || prefix > 32) throw new Error(`${formatCidr(range)} has no parts of length ${prefix}`);
  const part = sizeOf({ first: 0, prefix });
  return Array.from({ length: sizeOf(range) / part }, (_, index) => ({ first: range.first + index * part, prefix }));
}
