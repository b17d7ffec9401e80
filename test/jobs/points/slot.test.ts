import { expect } from "chai";
import fc from "fast-check";
import { slotOf, slotOfJob, timeOfSlot } from "../../../jobs/points/slot.ts";

const time = fc.date({ min: new Date("2020-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });

describe("slots", () => {
  it("have a resolution of one second and sort by time", () => {
    expect(slotOf(new Date("2026-11-23T10:00:00.500Z"))).to.equal("20261123T100000Z");
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(timeOfSlot(slotOf(a))?.getTime()).to.equal(Math.floor(a.getTime() / 1000) * 1000);
        if (slotOf(a) < slotOf(b)) expect(a.getTime()).to.be.below(b.getTime());
      }),
    );
  });

  const schedule = { cronJob: "export", withinSeconds: 1800 };
  const now = new Date("2026-11-23T10:13:37Z");
  const minutesOf = (time: string) => new Date(time).getTime() / 60_000;

  it("are derived from the scheduled time in a CronJob's Job name, so that a restarted pod reuses its slot", () => {
    for (const time of ["2026-11-23T10:10:00Z", "2026-11-23T09:44:00Z"]) {
      expect(slotOfJob(`export-${minutesOf(time)}`, now, schedule)).to.equal(slotOf(new Date(time)));
    }
    const changes = { cronJob: "export-changes", withinSeconds: 1800 };
    expect(slotOfJob(`export-changes-${minutesOf("2026-11-23T10:10:00Z")}`, now, changes)).to.equal("20261123T101000Z");
    // The node's clock is slightly behind the controller's.
    expect(slotOfJob(`export-${minutesOf("2026-11-23T10:14:00Z")}`, now, schedule)).to.equal("20261123T101400Z");
  });

  const byHand: [string, string | undefined][] = [
    ["no name", undefined],
    ["a word", "export-by-hand"],
    ["a ticket number", "export-20261123"],
    ["too many digits", "export-123456789012"],
    ["a run long ago", `export-${minutesOf("2026-11-23T09:43:00Z")}`],
    ["a future run", `export-${minutesOf("2026-11-23T10:15:00Z")}`],
    ["another CronJob's run", `export-changes-${minutesOf("2026-11-23T10:10:00Z")}`],
    ["a name that ends like a run", `my-export-${minutesOf("2026-11-23T10:10:00Z")}`],
  ];
  for (const [what, name] of byHand) {
    it(`are the current time for a Job whose name is ${what}`, () => {
      expect(slotOfJob(name, now, schedule)).to.equal("20261123T101337Z");
    });
  }

  it("are not parsed from other text", () => {
    for (const text of ["", "20261123T100000", "20261323T100000Z", "latest"])
      expect(timeOfSlot(text)).to.equal(undefined);
  });
});
