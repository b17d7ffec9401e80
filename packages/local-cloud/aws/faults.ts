/** Injected faults: regions that are unreachable, slow, or respond with errors. */
import type { FailRule } from "./types.ts";

interface Rule extends FailRule {
  left: number;
}

export class Faults {
  readonly #globalRegion: string;
  readonly #cut = new Set<string>();
  readonly #slow = new Map<string, number>();
  readonly #rules = new Map<string, Set<Rule>>();

  /** @param globalRegion region of the global control planes, which are cut with it */
  constructor(globalRegion: string) {
    this.#globalRegion = globalRegion;
  }

  cut(region: string): void {
    this.#cut.add(region);
  }

  restore(region: string): void {
    this.#cut.delete(region);
  }

  isCut(region: string): boolean {
    return this.#cut.has(region) || (region === "global" && this.#cut.has(this.#globalRegion));
  }

  slow(region: string, milliseconds: number): void {
    this.#slow.set(region, milliseconds);
  }

  delayMilliseconds(region: string): number {
    return this.#slow.get(region) ?? 0;
  }

  /** Adds a rule; the returned function removes it. */
  fail(region: string, rule: FailRule): () => void {
    if (!(Number.isInteger(rule.status) && rule.status >= 400 && rule.status <= 599))
      throw new RangeError(`fail("${region}"): status is ${rule.status}; use an HTTP error status, 400 to 599`);
    const rules = this.#rules.get(region) ?? new Set();
    this.#rules.set(region, rules);
    const entry = { ...rule, left: rule.times ?? Infinity };
    rules.add(entry);
    return () => void rules.delete(entry);
  }

  /** Status with which this request must fail, if any; decrements the rule's count. */
  failureFor(region: string, service: string, operation: string): number | undefined {
    for (const rule of this.#rules.get(region) ?? []) {
      const hit = (rule.service ?? service) === service && (rule.operation ?? operation) === operation;
      if (!hit || rule.left <= 0) continue;
      rule.left -= 1;
      return rule.status;
    }
    return undefined;
  }
}
