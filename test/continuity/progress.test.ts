import { expect } from "chai";
import { createProgress, inPhase } from "../../continuity/progress.ts";

const capture = (isTTY: boolean) => {
  let text = "";
  const progress = createProgress({ isTTY, columns: 80, write: (part) => (text += part) });
  return { progress, text: () => text };
};

describe("progress", () => {
  it("prints plain lines without a terminal", async () => {
    const { progress, text } = capture(false);
    await inPhase(
      progress,
      "Deploy",
      async (phase) => phase.awaiting("a bucket"),
      () => "fine",
    );
    progress.warn("careful");
    progress.stop();
    expect(text()).to.match(/Deploy \.\.\.\n.*Deploy: a bucket\n.*✓ Deploy \(0\.0 s\): fine\n.*! careful\n$/);
    expect(text()).not.to.match(/\u001b/u);
  });

  it("limits the lines about awaited items in a log", () => {
    const { progress, text } = capture(false);
    const phase = progress.phase("Deploy");
    for (let n = 0; n < 100; n++) phase.awaiting(`resource ${n}`);
    progress.stop();
    expect(
      text()
        .split("\n")
        .filter((line) => line.includes("resource")),
    ).to.have.length(1);
  });

  it("prints percentages in a log only as often as the source wants", () => {
    const { progress, text } = capture(false);
    const phase = progress.phase("Start");
    const began = Math.ceil(performance.now()); // an integer, so that sums are exact
    const { now } = performance;
    try {
      for (let seconds = 0; seconds < 120; seconds++) {
        performance.now = () => began + seconds * 1000;
        phase.awaiting(`${seconds} %`, 30);
      }
    } finally {
      performance.now = now;
      progress.stop();
    }
    const lines = text().split("\n");
    expect(lines.flatMap((line) => /Start: (\d+) %/.exec(line)?.[1] ?? [])).to.deep.equal(["0", "30", "60", "90"]);
  });

  it("updates one line at a terminal, and removes it at the end", () => {
    const { progress, text } = capture(true);
    const phase = progress.phase("Deploy");
    phase.awaiting("a bucket");
    expect(text()).to.match(/\r.*Deploy .*a bucket/);
    phase.done();
    progress.stop();
    expect(text().endsWith("\r\u001b[2K")).to.equal(true);
  });

  it("works without colour", () => {
    const before = process.env["NO_COLOR"];
    process.env["NO_COLOR"] = "1";
    try {
      const { progress, text } = capture(true);
      progress.phase("Deploy").done();
      progress.stop();
      expect(text()).to.contain("\r\u001b[2K").and.to.contain("✓ Deploy");
      expect(text()).not.to.match(/\u001b\[\d+m/u);
    } finally {
      if (before === undefined) delete process.env["NO_COLOR"];
      else process.env["NO_COLOR"] = before;
    }
  });

  it("reports the failed step and reason, and passes the error on", async () => {
    const { progress, text } = capture(false);
    const error = await inPhase(progress, "Deploy", () => Promise.reject(new Error("no\nstack"))).catch(
      (e: Error) => e,
    );
    progress.stop();
    expect(text()).to.match(/✗ Deploy .*: no\n$/);
    expect(error).to.be.an("error");
  });
});
