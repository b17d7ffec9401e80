import { expect } from "chai";
import { replicatorAgent, type CallRecord } from "@vapora-continuity/local-cloud/aws";
import { writerGuardAgent } from "../../contract/index.ts";
import { forbiddenCalls } from "../../drill/laboratory/forbidden-calls.ts";

const regions = { dead: "eu-west-1", alive: "eu-central-1" };
const window = { from: 100, until: 200 };

const call = (change: Partial<CallRecord>): CallRecord => ({
  at: 150,
  region: "eu-central-1",
  service: "s3",
  operation: "GetObject",
  status: 200,
  ...change,
});

const found = (...calls: CallRecord[]): string[] => Object.values(forbiddenCalls(calls, window, regions)).flat();

describe("forbidden calls of a recovery", () => {
  it("exclude those in the alternate region", () => expect(found(call({}))).to.deep.equal([]));

  it("include those to the dead region, even refused ones", () => {
    const calls = forbiddenCalls([call({ region: "eu-west-1", status: "refused" })], window, regions);
    expect(calls).to.deep.equal({ primaryRegion: ["s3 GetObject"], globalControlPlanes: [] });
  });

  for (const region of ["global", "us-east-1"]) {
    it(`include those to ${region}`, () => {
      const calls = forbiddenCalls([call({ region, service: "iam", operation: "GetRole" })], window, regions);
      expect(calls).to.deep.equal({ primaryRegion: [], globalControlPlanes: ["iam GetRole"] });
    });
  }

  it("exclude those before the loss or after the recovery", () => {
    expect(found(call({ at: 100, region: "global" }), call({ at: 201, region: "global" }))).to.deep.equal([]);
  });

  it("exclude the writer guard's reads of the record, but nothing else it might do", () => {
    const guard = { region: "eu-west-1", userAgent: `aws-sdk-js ${writerGuardAgent}` };
    expect(found(call(guard), call({ ...guard, operation: "PutObject" }))).to.deep.equal(["s3 PutObject"]);
  });

  it("exclude those of S3's own replication", () => {
    expect(found(call({ region: "eu-west-1", userAgent: `x ${replicatorAgent}` }))).to.deep.equal([]);
  });
});
