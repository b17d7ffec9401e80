/** Validates the rule of a composite alarm. */

const states = ["ALARM", "OK", "INSUFFICIENT_DATA"];

/** The first syntax error; undefined if the rule is valid. */
export function alarmRuleProblem(rule: string): string | undefined {
  const tokens = rule.match(/"[^"]*"|'[^']*'|[(),]|[^\s(),"']+/g) ?? [];
  const reader = new RuleReader(tokens);
  try {
    reader.expression();
    return reader.ended ? undefined : `unexpected "${reader.next}" in the rule`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** expression = term { (AND | OR) term }; term = NOT term | ( expression ) | TRUE | FALSE | STATE(alarm) */
class RuleReader {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get next(): string | undefined {
    return this.#tokens[this.#position];
  }

  get ended(): boolean {
    return this.next === undefined;
  }

  expression(): void {
    this.#term();
    while (this.next === "AND" || this.next === "OR") {
      this.#position++;
      this.#term();
    }
  }

  #term(): void {
    const token = this.#take("an alarm's state, TRUE, FALSE, NOT or (");
    if (token === "TRUE" || token === "FALSE") return;
    if (token === "NOT") return this.#term();
    if (token === "(") this.expression();
    else if (token === "AT_LEAST") return this.#atLeast();
    else if (states.includes(token)) {
      this.#expect("(");
      this.#alarm();
    } else throw new Error(`"${token}" is not an alarm state; use one of ${states.join(", ")}`);
    this.#expect(")");
  }

  /** AT_LEAST(number or percentage, STATE, (alarm, …)) */
  #atLeast(): void {
    this.#expect("(");
    const count = this.#take("a number");
    if (!/^[1-9]\d*%?$/.test(count)) throw new Error(`AT_LEAST requires a number or a percentage, not "${count}"`);
    this.#expect(",");
    while (this.next === "NOT") this.#position++;
    const state = this.#take("a state");
    if (!states.includes(state)) throw new Error(`"${state}" is not an alarm state`);
    this.#expect(",");
    this.#expect("(");
    this.#alarm();
    while (this.next === ",") {
      this.#position++;
      this.#alarm();
    }
    this.#expect(")");
    this.#expect(")");
  }

  #alarm(): void {
    const name = this.#take("an alarm's name");
    if (/^([(),]|"\s*"|'\s*')$/.test(name)) throw new Error(`an alarm name is missing before "${name}"`);
  }

  #expect(token: string): void {
    const found = this.#take(token);
    if (found !== token) throw new Error(`expected "${token}", but found "${found}"`);
  }

  #take(expected: string): string {
    const token = this.next;
    if (token === undefined) throw new Error(`expected ${expected}, but the rule ends`);
    this.#position++;
    return token;
  }
}
