import { expect } from "chai";
import fc from "fast-check";
import { slotOf, slotOfJob, timeOfSlot } from "../../../jobs/points/slot.ts";

const time = fc.date({ min: new Date("2020-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });

describe("slots", () => {
  it("say the time to the second, and sort by it", () => {
    expect(slotOf(new Date("2026-11-23T10:00:00.500Z"))).to.equal("20261123T100000Z");
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(timeOfSlot(slotOf(a))?.getTime()).to.equal(Math.floor(a.getTime() / 1000) * 1000);
        if (slotOf(a) < slotOf(b)) expect(a.getTime()).to.be.below(b.getTime());
      }),
    );
  });

  it("come from the scheduled time in the name of a CronJob's Job, so that a late pod finds its own", () => {
    const scheduled = new Date("2026-11-23T10:10:00Z");
    const name = `export-changes-${scheduled.getTime() / 60_000}`;
    expect(slotOfJob(name, new Date("2026-11-23T10:13:37Z"))).to.equal("20261123T101000Z");
  });

  it("come from the clock for a Job that a person started", () => {
    const now = new Date("2026-11-23T10:13:37Z");
    for (const name of [undefined, "export-by-hand", "export-1", "export-123456789012"]) {
      expect(slotOfJob(name, now)).to.equal("20261123T101337Z");
    }
  });

  it("are not read from other text", () => {
    for (const text of ["", "20261123T100000", "20261323T100000Z", "latest"])
      expect(timeOfSlot(text)).to.equal(undefined);
  });
});
