import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { TaskQueue } from "../../aws/task-queue.ts";
import type { Task } from "../../aws/task-queue.ts";

const task = (over: Partial<Task> = {}): Task => ({
  chain: "a",
  title: "a task",
  ready: () => true,
  run: () => Promise.resolve("done"),
  ...over,
});

/** Resolves to the error of an expected failure. */
async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

describe("the replication queue", () => {
  let queue: TaskQueue;
  beforeEach(() => (queue = new TaskQueue()));
  afterEach(() => queue.close());

  it("runs tasks of one chain in order, one at a time", async () => {
    const seen: string[] = [];
    const slow = (name: string, milliseconds: number): Task =>
      task({
        run: async () => {
          seen.push(`${name} starts`);
          await sleep(milliseconds);
          seen.push(`${name} ends`);
          return "done";
        },
      });
    queue.add(slow("first", 20));
    queue.add(slow("second", 0));
    await queue.idle(2);
    expect(seen).to.deep.equal(["first starts", "first ends", "second starts", "second ends"]);
  });

  it("does not hold one chain up for another, and runs no more than four at once", async () => {
    let running = 0;
    let most = 0;
    for (let chain = 0; chain < 12; chain++)
      queue.add(
        task({
          chain: String(chain),
          run: async () => {
            most = Math.max(most, ++running);
            await sleep(5);
            running -= 1;
            return "done";
          },
        }),
      );
    await queue.idle(2);
    expect(most).to.equal(4);
  });

  it("waits for the delay, also when it is shortened while tasks wait", async () => {
    queue.delaySeconds = 60;
    queue.add(task());
    expect((await failureOf(queue.idle(0.05))).message).to.equal("still 1 pending after 0.05 s: a task");
    queue.delaySeconds = 0.05;
    await queue.idle(2);
    expect(queue.size).to.equal(0);
  });

  it("refuses a delay that is none", () => {
    for (const seconds of [-1, NaN]) expect(() => (queue.delaySeconds = seconds)).to.throw(/must be 0 or more/);
  });

  it("runs a task only when what it needs is there", async () => {
    let there = false;
    queue.add(task({ ready: () => there }));
    await sleep(20);
    expect(queue.size).to.equal(1);
    there = true;
    queue.wake();
    await queue.idle(2);
  });

  it("tries again after a failure that passes", async () => {
    let tries = 0;
    queue.add(task({ run: () => Promise.resolve(++tries < 3 ? "again" : "done") }));
    await queue.idle(2);
    expect(tries).to.equal(3);
  });

  it("lets no waiting task hold up another chain, and keeps the order within its own", async () => {
    let away = true;
    const seen: string[] = [];
    const noted = (name: string, over: Partial<Task> = {}): Task =>
      task({ ...over, run: () => (seen.push(name), Promise.resolve("done")) });
    for (let n = 0; n < 6; n++) queue.add(noted(`away ${n}`, { chain: `away ${n}`, ready: () => !away }));
    queue.add(noted("behind", { chain: "away 0" }));
    queue.add(noted("free", { chain: "b" }));
    await sleep(20);
    expect(seen).to.deep.equal(["free"]);
    away = false;
    queue.wake();
    await queue.idle(2);
    expect(seen.indexOf("behind")).to.be.above(seen.indexOf("away 0"));
    expect(queue.size).to.equal(0);
  });

  it("drops what waits when it is closed, and retries nothing", async () => {
    let runs = 0;
    queue.add(task({ chain: "waits", ready: () => false }));
    queue.add(task({ chain: "fails", run: () => (runs++, Promise.resolve("again")) }));
    await sleep(20);
    queue.close();
    await queue.idle(1);
    expect(runs).to.equal(1);
  });

  it("waits for tasks that are added meanwhile", async () => {
    let late = false;
    queue.add(
      task({
        run: async () => {
          queue.add(task({ chain: "b", run: async () => (await sleep(30), (late = true), "done") }));
          return "done";
        },
      }),
    );
    await queue.idle(2);
    expect(late).to.equal(true);
  });
});
