import { expect } from "chai";
import { describeUnappliedPoints, unappliedPointsOf } from "../../continuity/failover/unapplied-points.ts";
import type { FinishedJob, JobResult } from "../../continuity/kubernetes-jobs.ts";

const finished = (result: Partial<JobResult> | undefined): FinishedJob => ({
  name: "standby-promote-x",
  succeeded: true,
  startDelaySeconds: 0,
  elapsedSeconds: 1,
  result: result && { job: "standby-sync", outcome: "succeeded", durationSeconds: 1, ...result },
  reason: undefined,
});

const whole = {
  loss: { ageSeconds: 600, behindSeconds: 0, acceptedSeconds: 3600 },
  leftBehind: { points: [], promotedIsThere: true, behindSeconds: 0, epoch: 1 },
  catchUp: { verified: [], problems: [] },
};

describe("the unapplied recovery points of a promotion", () => {
  const words = (result: Partial<JobResult> | undefined) =>
    describeUnappliedPoints(unappliedPointsOf(finished(result)));

  it("are empty if everything was applied, or the promotion was done before", () => {
    expect(words(whole)).to.equal("");
    expect(words({ outcome: "skipped" })).to.equal("");
  });

  it("include why the last import ended, and each newer recovery point with its reason", () => {
    const points = [
      {
        point: "changes 20261123T103000Z",
        snapshotAt: "2026-11-23T10:30:00Z",
        reason: "nobody decided",
        suspicious: true,
      },
      { point: "full 20261123T100000Z", reason: "it is not JSON" },
    ];
    const text = words({
      ...whole,
      loss: { ageSeconds: 2400, behindSeconds: 1800 },
      leftBehind: { ...whole.leftBehind, points, promotedIsThere: false },
      catchUp: { problems: ["point x: a hash differs"] },
    });
    expect(text).to.match(/^The last import: point x: a hash differs\.$/m);
    expect(text).to.match(/^The last import: the promoted recovery point was removed from the bucket\.$/m);
    expect(text).to.match(/^Left behind: 2 newer recovery point\(s\), up to 30/m);
    expect(text).to.match(/^ {2}- changes 20261123T103000Z: nobody decided$/m);
    expect(text).to.match(/^ {2}- full 20261123T100000Z: it is not JSON$/m);
    expect(text).to.match(/^1 of them suspicious.*continuity points accept/m);
    expect(text.endsWith("\n")).to.equal(true);
  });

  it("are limited in number", () => {
    const points = Array.from({ length: 25 }, (_, index) => ({ point: `changes ${index}`, reason: "late" }));
    const text = words({ ...whole, leftBehind: { ...whole.leftBehind, points } });
    expect(text.match(/^ {2}- /gm)).to.have.length(11);
    expect(text).to.contain("and 15 more");
  });

  for (const result of [undefined, {}, { ...whole, leftBehind: undefined }]) {
    it(`are a problem if missing: ${JSON.stringify(result)?.slice(0, 30)}`, () => {
      expect(words(result)).to.match(/job standby-promote-x did not report which recovery points it left behind/);
    });
  }
});
