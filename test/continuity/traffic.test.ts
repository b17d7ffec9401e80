import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { whilePublishing } from "../../continuity/failover/traffic.ts";

const intervalSeconds = 0.01;

describe("the traffic switch", () => {
  it("is published until the public name answers, and no longer", async () => {
    let published = 0;
    let during = 0;
    const publish = async () => void published++;
    const result = await whilePublishing({ publish, failed: () => {}, intervalSeconds }, async () => {
      for (let n = 0; n < 2000 && published < 3; n++) await delay(1);
      during = published;
      return "answered";
    });
    const after = published;
    await delay(50);
    expect(result).to.equal("answered");
    expect(during).to.be.at.least(3);
    expect(published).to.equal(after);
  });

  it("is published again after a value that could not be", async () => {
    const failures: string[] = [];
    let tries = 0;
    const publish = async () => {
      if (++tries === 1) throw new Error("throttled");
    };
    const failed = (error: unknown) => void failures.push(String(error));
    await whilePublishing({ publish, failed, intervalSeconds }, async () => {
      for (let n = 0; n < 2000 && tries < 2; n++) await delay(1);
    });
    expect(failures).to.deep.equal(["Error: throttled"]);
  });

  it("ends with the work's error", async () => {
    const work = async () => {
      throw new Error("still answers from the primary site");
    };
    const run = whilePublishing({ publish: async () => {}, failed: () => {}, intervalSeconds }, work);
    expect(await run.catch(String)).to.equal("Error: still answers from the primary site");
  });
});
