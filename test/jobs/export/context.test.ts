import { expect } from "chai";
import { recordOf, whyNotWriter } from "../../../jobs/export/context.ts";
import type { Writer } from "../../../jobs/points/writer.ts";

const record = (site: Writer["site"], epoch: number): Writer => ({ site, epoch, since: "2026-11-23T10:00:00.000Z" });

describe("exports of the primary site in epoch 5", () => {
  const why = (writer: Writer | undefined) => whyNotWriter(writer, "primary", 5);

  for (const [what, writer] of [
    ["no record", undefined],
    ["its own record", record("primary", 5)],
    ["an older record of its own", record("primary", 4)],
    ["a stale or forged record of the other site", record("alternate", 4)],
  ] as const) {
    it(`count with ${what}`, () => expect(why(writer)).to.equal(undefined));
  }

  it("do not count once another site has taken over", () =>
    expect(why(record("alternate", 6))).to.match(
      /^site alternate has been the writer since .* \(epoch 6\); this is primary in epoch 5$/,
    ));

  for (const [what, writer, epoch] of [
    ["where there is no record", undefined, 5],
    ["where the record is behind", record("alternate", 4), 5],
    ["with its own record", record("primary", 5), 5],
  ] as const) {
    it(`know their own points by the database's epoch ${what}`, () =>
      expect(
        recordOf({ state: { database: "main", ready: true, reason: "", epoch: 5 }, writer }, { SITE: "primary" }),
      ).to.include({ site: "primary", epoch }));
  }

  for (const [what, writer] of [
    ["another site in the same epoch", record("alternate", 5)],
    ["the site itself in an epoch that its database does not have", record("primary", 6)],
  ] as const) {
    it(`do not count with a record of ${what}; the remedy is named`, () =>
      expect(why(writer)).to.match(/has been the writer.*`continuity writer set`$/));
  }
});
