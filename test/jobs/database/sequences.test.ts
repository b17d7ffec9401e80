import { expect } from "chai";
import { readDefinitions } from "../../../jobs/database/definitions.ts";
import { advanceSequences, readSequences } from "../../../jobs/database/sequences.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";

describe("sequences after a restore", () => {
  after(stopEngine);

  it("would give numbers a second time, and continue beyond them instead", async () => {
    const source = await freshDatabase();
    await source.query("DEFINE SEQUENCE ticket BATCH 10 START 5; DEFINE SEQUENCE `odd name` START 1;");
    for (let n = 0; n < 25; n++) await source.query("RETURN sequence::nextval('ticket')");
    const positions = await readSequences(source, await readDefinitions(source));
    expect(positions["ticket"]).to.deep.equal({ value: 30, batch: 10 });

    const restored = await freshDatabase();
    await restored.query("DEFINE SEQUENCE ticket BATCH 10 START 5; DEFINE SEQUENCE `odd name` START 1;");
    expect(await restored.query("RETURN sequence::nextval('ticket')")).to.deep.equal([5]);
    const starts = await advanceSequences(restored, positions, 1000);
    expect(starts["ticket"]).to.equal(1040);
    expect(starts["odd name"]).to.be.above(1000);
    const [next] = await restored.query("RETURN sequence::nextval('ticket')");
    expect(next).to.equal(1041);
    expect(await advanceSequences(restored, positions, 1000)).to.deep.equal(starts);
  });

  it("are not left at their start when the recovery point does not know them", async () => {
    const database = await freshDatabase();
    await database.query("DEFINE SEQUENCE ticket START 1");
    const error = await advanceSequences(database, {}, 10).catch((reason: unknown) => reason);
    expect(String(error)).to.contain("sequence ticket has no position");
  });
});
