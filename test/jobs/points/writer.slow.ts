/** The writer record with S3's conditional writes. */
import { expect } from "chai";
import { ConditionFailed, objectsIn, readWriter, writeWriter } from "../../../jobs/index.ts";
import { bucketOf, openStage, type Stage } from "../support/stage.ts";

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("writer record in a bucket", function () {
  this.timeout(120_000);
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage?.stop());

  const writer = (epoch: number) => ({ site: "primary" as const, epoch, since: "2026-01-01T00:00:00.000Z" });

  it("create the writer record once and change it sequentially only", async () => {
    const objects = objectsIn(stage.s3("primary"), bucketOf("primary"));
    const first = await writeWriter(objects, writer(1), undefined);
    expect(await failureOf(writeWriter(objects, writer(2), undefined))).to.be.instanceOf(ConditionFailed);
    const second = await writeWriter(objects, writer(2), first);
    expect(await failureOf(writeWriter(objects, writer(3), first))).to.be.instanceOf(ConditionFailed);
    expect(await readWriter(objects)).to.deep.equal(second);
  });

  it("accept one of many concurrent changes of the same version", async () => {
    const objects = objectsIn(stage.s3("alternate"), bucketOf("alternate"));
    for (const seen of [undefined, "the first"] as const) {
      const present = seen && (await readWriter(objects));
      const epochs = Array.from({ length: 8 }, (_, index) => index + (present?.writer.epoch ?? 0) + 1);
      const outcomes = await Promise.allSettled(epochs.map((epoch) => writeWriter(objects, writer(epoch), present)));
      const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      expect(won).to.have.length(1);
      expect(await readWriter(objects)).to.deep.equal(won[0]);
    }
  });
});
