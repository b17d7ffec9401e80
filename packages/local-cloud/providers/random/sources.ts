/** Random sources and unbiased choices. */
import { createHash, randomBytes } from "node:crypto";

/** Returns the next bytes, from the system or reproducibly from a seed. */
export type Source = (bytes: number) => Buffer;

export const systemSource: Source = (bytes) => randomBytes(bytes);

/** Equal seeds result in equal bytes, but not in those of the official provider. */
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

/** A uniformly distributed integer from 0 to `bound` - 1, for a bound of at most 2^48. */
export function below(bound: number, source: Source): number {
  const range = 2 ** 48;
  const fair = range - (range % bound);
  for (;;) {
    const drawn = source(6).readUIntBE(0, 6);
    if (drawn < fair) return drawn % bound;
  }
}

export const pick = <Item>(items: ArrayLike<Item>, source: Source): Item => items[below(items.length, source)] as Item;

/** A shuffled copy. */
export function shuffled<Item>(items: readonly Item[], source: Source): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = below(last + 1, source);
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}
