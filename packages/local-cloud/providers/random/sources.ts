/** Sources of chance, and unbiased choices from them. */
import { createHash, randomBytes } from "node:crypto";

/** Gives the next bytes; from the system, or repeatable from a seed. */
export type Source = (bytes: number) => Buffer;

export const systemSource: Source = (bytes) => randomBytes(bytes);

/** The same seed gives the same bytes; they are not those that other implementations make of it. */
export function seededSource(seed: string): Source {
  let block = 0;
  let rest = Buffer.alloc(0);
  return (bytes) => {
    while (rest.length < bytes) {
      const next = createHash("sha256").update(`${block++}:${seed}`).digest();
      rest = Buffer.concat([rest, next]);
    }
    const taken = rest.subarray(0, bytes);
    rest = rest.subarray(bytes);
    return taken;
  };
}

/** A whole number from 0 up to, but not including, a bound of at most 2^48; each equally likely. */
export function below(bound: number, source: Source): number {
  const range = 2 ** 48;
  const fair = range - (range % bound);
  for (;;) {
    const drawn = source(6).readUIntBE(0, 6);
    if (drawn < fair) return drawn % bound;
  }
}

export const pick = <Item>(items: ArrayLike<Item>, source: Source): Item => items[below(items.length, source)] as Item;

/** A new list in an order of chance. */
export function shuffled<Item>(items: readonly Item[], source: Source): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = below(last + 1, source);
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}
