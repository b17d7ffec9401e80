import { expect } from "chai";
import { readDefinitions } from "../../../jobs/database/definitions.ts";
import { advanceSequences, readSequences, sequenceReserve } from "../../../jobs/database/sequences.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";

describe("sequences after a restore", () => {
  after(stopEngine);
  const reserve = { perSecond: 10, seconds: 100 };

  it("continue beyond all numbers already taken instead of repeating them", async () => {
    const source = await freshDatabase();
    await source.query("DEFINE SEQUENCE ticket BATCH 10 START 5; DEFINE SEQUENCE `odd name` START 1;");
    for (let n = 0; n < 25; n++) await source.query("RETURN sequence::nextval('ticket')");
    const positions = await readSequences(source, await readDefinitions(source));
    expect(positions["ticket"]).to.deep.equal({ value: 30, batch: 10 });

    const restored = await freshDatabase();
    await restored.query("DEFINE SEQUENCE ticket BATCH 10 START 5; DEFINE SEQUENCE `odd name` START 1;");
    expect(await restored.query("RETURN sequence::nextval('ticket')")).to.deep.equal([5]);
    const starts = await advanceSequences(restored, positions, reserve);
    expect(starts["ticket"]).to.equal(1040);
    expect(starts["odd name"]).to.be.above(1000);
    const [next] = await restored.query("RETURN sequence::nextval('ticket')");
    expect(next).to.equal(1041);
    expect(await advanceSequences(restored, positions, reserve)).to.deep.equal(starts);
  });

  it("are an error if the recovery point lacks their position", async () => {
    const database = await freshDatabase();
    await database.query("DEFINE SEQUENCE ticket START 1");
    const error = await advanceSequences(database, {}, reserve).catch((reason: unknown) => reason);
    expect(String(error)).to.contain("sequence ticket has no position");
  });

  it("skip what the worst case may have taken at the configured rate, even above 54 numbers per second", () => {
    const settings = { SEQUENCE_NUMBERS_PER_SECOND: 200, SEQUENCE_WINDOW_SECONDS: 1860 };
    const { perSecond, seconds } = sequenceReserve(settings, new Date().toISOString());
    expect(perSecond * seconds).to.be.at.least(200 * 1860);
  });

  it("skip more if the restored recovery point is older than the worst case", () => {
    const settings = { SEQUENCE_NUMBERS_PER_SECOND: 1, SEQUENCE_WINDOW_SECONDS: 60 };
    const now = Date.parse("2026-11-23T12:00:00Z");
    expect(sequenceReserve(settings, "2026-11-23T10:00:00Z", now).seconds).to.be.at.least(7200);
    expect(sequenceReserve(settings, "2026-11-23T13:00:00Z", now).seconds).to.equal(60);
  });

  it("skip twice the observed rate if that exceeds the configured one", async () => {
    const restored = await freshDatabase();
    await restored.query("DEFINE SEQUENCE calm START 1; DEFINE SEQUENCE busy START 1;");
    const position = { value: 1000, batch: 1 };
    const positions = { calm: { ...position, perSecond: 4 }, busy: { ...position, perSecond: 70 } };
    expect(await advanceSequences(restored, positions, reserve)).to.deep.equal({ calm: 2001, busy: 15_001 });
  });
});
