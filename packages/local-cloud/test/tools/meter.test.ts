import { expect } from "chai";
import fc from "fast-check";
import { Meter, reporting } from "../../tools/meter.ts";

const percentage = (line: string): number => Number(/^(\d+) %/.exec(line)?.[1]);

describe("how far tools are", () => {
  let now: number;
  let lines: string[];
  let moving: string[];
  let open: { end(): void }[];
  beforeEach(() => {
    now = 0;
    [lines, moving, open] = [[], [], []];
  });
  afterEach(() => open.forEach((task) => task.end())); // their timer would keep on

  const plain = (): Meter =>
    new Meter(
      (line) => lines.push(line),
      () => now,
    );
  const terminal = (): Meter =>
    new Meter(
      Object.assign((line: string) => lines.push(line), { moving: (line: string) => moving.push(line) }),
      () => now,
    );
  const begin = (meter: Meter, title: string, weight: number): ReturnType<Meter["begin"]> => {
    const task = meter.begin(title, weight);
    open.push(task);
    return task;
  };

  it("is one percentage of all tasks, by their weights, and names those that go on", () => {
    const meter = terminal();
    const [large, small] = [begin(meter, "large", 3), begin(meter, "small", 1)];
    large.reach(0.2);
    small.reach(0.5);
    expect(meter.line()).to.equal("27 %: large, small");
    small.end();
    expect(meter.line()).to.equal("40 %: large");
  });

  it("shows the time left once that is more than a guess", () => {
    const meter = terminal();
    const task = begin(meter, "task", 1);
    now = 20_000;
    expect(meter.line()).to.equal("0 %: task");
    task.reach(0.1);
    expect(meter.line()).to.equal("10 %, about 3 min left: task");
    task.reach(0.5);
    expect(meter.line()).to.equal("50 %, about 20 s left: task");
    task.reach(1);
    expect(meter.line()).to.equal("99 %, about 10 s left: task"); // not over before its end
  });

  it("never goes back or to 100 %, whatever tasks report, begin and end", () => {
    const share = fc.double({ min: 0, max: 2, noNaN: true });
    const event = fc.oneof(
      fc.record({ begin: fc.integer({ min: 1, max: 200 }) }),
      fc.record({ task: fc.nat(3), reach: share }),
      fc.record({ end: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const meter = terminal();
        const tasks = [meter.begin("first", 10)]; // goes on to the end
        let last = 0;
        for (const event of events) {
          if ("begin" in event) tasks.push(meter.begin("another", event.begin));
          else if ("reach" in event) tasks[event.task]?.reach(event.reach);
          else tasks[event.end]?.end();
          const shown = percentage(meter.line());
          expect(shown).to.be.within(last, 99);
          last = shown;
        }
        tasks.forEach((task) => task.end());
      }),
    );
  });

  it("begins anew with what begins after all else has ended", () => {
    const meter = terminal();
    begin(meter, "earlier", 1).end();
    begin(meter, "later", 1);
    expect(meter.line()).to.equal("0 %: later");
  });

  it("replaces its line where that is possible, without adding any", () => {
    const meter = terminal();
    begin(meter, "task", 1);
    for (; now < 300_000; now += 1_000) meter.show();
    expect([moving.length, lines]).to.deep.equal([300, []]);
  });

  it("adds one line a minute elsewhere", () => {
    const meter = plain();
    begin(meter, "task", 1).reach(0.1);
    for (; now < 300_000; now += 1_000) meter.show();
    expect(lines).to.have.length(4);
    expect(lines[0]).to.equal("10 %, about 9 min left: task");
  });

  it("ends also where the work fails", async () => {
    const progress = Object.assign((line: string) => lines.push(line), { moving: (line: string) => moving.push(line) });
    const failing = { task: "failing", estimate: "a moment", weight: 1 };
    const error = await reporting(failing, progress, () => Promise.reject(new Error("oh"))).catch(String);
    expect([error, lines]).to.deep.equal(["Error: oh", ["failing (first time only, a moment)"]]);
  });
});
