/** The real store, against the emulator's S3: what the unit tests' fake does must be what this one does. */
import { keepsTheContract } from "../support/point-store-contract.ts";
import { openStage, type Stage } from "../support/stage.ts";

describe("a bucket of recovery points in S3", function () {
  this.timeout(120_000);
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage?.stop());

  keepsTheContract(() => stage.store("primary"));
});
