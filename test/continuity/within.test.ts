import { expect } from "chai";
import { poll, within } from "../../continuity/within.ts";

const failureOf = (promise: Promise<unknown>): Promise<Error | undefined> =>
  promise.then(
    () => undefined,
    (error: Error) => error,
  );

describe("a time limit", () => {
  it("passes a timely result on", async () => {
    expect(await within(1, "it", async () => 7)).to.equal(7);
  });

  it("aborts work that hangs", async () => {
    let told: AbortSignal | undefined;
    const error = await failureOf(within(0.05, "the bucket", (signal) => ((told = signal), new Promise(() => {}))));
    expect(error?.message).to.equal("the bucket: no response within 0.05 s");
    expect(told?.aborted).to.equal(true);
  });
});

describe("polling", () => {
  it("repeats until there is a result; a failed attempt counts as not yet", async () => {
    let asked = 0;
    const answer = await poll(
      "it",
      async () => (++asked === 1 ? Promise.reject(new Error("x")) : asked === 3 ? "yes" : undefined),
      {
        timeoutSeconds: 2,
        intervalSeconds: 0.01,
      },
    );
    expect([answer, asked]).to.deep.equal(["yes", 3]);
  });

  it("reports the last failure", async () => {
    const error = await failureOf(
      poll("it", () => Promise.reject(new Error("refused")), { timeoutSeconds: 0.05, intervalSeconds: 0.01 }),
    );
    expect(error?.message).to.equal("it: timed out after 0.05 s (refused)");
  });

  it("ends when aborted", async () => {
    const abort = new AbortController();
    const polling = poll("it", async () => undefined, {
      timeoutSeconds: 60,
      intervalSeconds: 0.01,
      signal: abort.signal,
    });
    abort.abort(new Error("enough"));
    expect(await failureOf(polling)).to.be.an("error");
  });
});
