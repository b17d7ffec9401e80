import { expect } from "chai";
import type { Laboratory } from "../../drill/laboratory/laboratory.ts";
import { measure } from "../../drill/report/measure.ts";
import { Recorder } from "../../drill/laboratory/recorder.ts";
import { timelinePicture } from "../../drill/report/timeline.ts";
import type { DrillReport } from "../../drill/report/types.ts";
import { examplePlan } from "../support/example-plan.ts";

const lab = {
  users: { seeded: [] },
  callsAfter: () => ({ primaryRegion: [], globalControlPlanes: [], primaryCluster: [] }),
  types: { realTypes: [], recordedTypes: [] },
} as unknown as Laboratory;

describe("a drill on a machine that had to build its tools first", () => {
  const now = Date.now;
  after(() => (Date.now = now));

  /** Ten minutes of building, five seconds of starting, then a drill of half a minute. */
  function firstRun(): DrillReport {
    let clock = Date.UTC(2026, 0, 15, 10, 0, 0);
    Date.now = () => clock;
    const wait = (seconds: number) => (clock += seconds * 1000);
    const recorder = new Recorder("region-loss", 100);
    wait(605);
    recorder.begin({ toolsSeconds: 600, startSeconds: 5 });
    const at = clock;
    wait(10);
    recorder.event({ lane: "primary", title: "Deploy prod", at, endedAt: clock, outcome: "done" });
    wait(10);
    recorder.event({ lane: "primary", title: "Region lost", at: clock });
    recorder.cutAt = clock;
    wait(10);
    return measure(examplePlan(), recorder.finish(lab));
  }

  it("starts its time after the preparation", () => {
    const report = firstRun();
    expect(report.startedAt).to.equal("2026-01-15T10:10:05.000Z");
    expect(report.lossAtSeconds).to.equal(20);
    expect(report.timeline.map((event) => event.atSeconds)).to.deep.equal([0, 20]);
  });

  it("reports the preparation separately", () => {
    expect(firstRun().durations).to.deep.equal({ toolsSeconds: 600, startSeconds: 5, drillSeconds: 30 });
  });

  it("fills the whole timeline with the drill", () => {
    const bars = [...timelinePicture(firstRun()).text.matchAll(/class="bar .*? x="([\d.]+)".*? width="([\d.]+)"/g)];
    const [deploy, lost] = bars.map(([, x, width]) => ({ x: Number(x), width: Number(width) }));
    expect(deploy?.x).to.equal(130); // start of the axis
    expect(deploy?.width).to.be.above(400);
    expect(lost?.x).to.be.above(900);
  });
});
