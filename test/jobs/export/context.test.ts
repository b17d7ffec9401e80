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
    it(`are valid with ${what}`, () => expect(why(writer)).to.equal(undefined));
  }

  it("are invalid once another site has taken over", () =>
    expect(why(record("alternate", 6))).to.match(
      /^site alternate has been the writer since .* \(epoch 6\); this is primary in epoch 5$/,
    ));

  for (const [what, writer, epoch] of [
    ["without a record", undefined, 5],
    ["with an older record", record("alternate", 4), 5],
    ["with its own record", record("primary", 5), 5],
  ] as const) {
    it(`recognize their own recovery points by the database's epoch ${what}`, () =>
      expect(
        recordOf({ state: { database: "main", ready: true, reason: "", epoch: 5 }, writer }, { SITE: "primary" }),
      ).to.include({ site: "primary", epoch }));
  }

  for (const [what, writer] of [
    ["another site in the same epoch", record("alternate", 5)],
    ["the site itself in an epoch that its database does not have", record("primary", 6)],
  ] as const) {
    it(`are invalid with a record of ${what}; the error includes the remedy`, () =>
      expect(why(writer)).to.match(/has been the writer.*`continuity writer set`$/));
  }
});
