import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { inputProblems, sdkTypes, type Digest } from "../../../providers/aws/sdk-types/index.ts";
import { nearest } from "../../../providers/aws/sdk-types/nearest.ts";
import { unknown, type Properties } from "../../../providers/values.ts";

const replication = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";

describe("types of the AWS SDK", () => {
  let cache: string;
  const before_ = process.env.LOCAL_CLOUD_CACHE;
  before(() => {
    cache = mkdtempSync(join(tmpdir(), "aws-types-"));
    process.env.LOCAL_CLOUD_CACHE = cache;
  });
  after(() => {
    if (before_ === undefined) delete process.env.LOCAL_CLOUD_CACHE;
    else process.env.LOCAL_CLOUD_CACHE = before_;
    rmSync(cache, { recursive: true });
  });

  const digest = async (token: string): Promise<Digest> => {
    const found = await sdkTypes().digest(token);
    if (!found) throw new Error(`no ${token}`);
    return found;
  };

  it("are read with required properties, nested objects, lists, maps and documents", async () => {
    const { inputs, types, outputs } = await digest(replication);
    expect(inputs.role).to.deep.equal({ shape: { kind: "string" }, required: true });
    expect(inputs.token).to.deep.equal({ shape: { kind: "string" } });
    expect(inputs.rules?.shape).to.deep.equal({
      kind: "list",
      of: { kind: "object", type: "s3.BucketReplicationConfigRule" },
    });
    expect(types["s3.BucketReplicationConfigRuleDestination"]?.metrics?.shape.kind).to.equal("object");
    expect(types["s3.BucketReplicationConfigRuleFilterAnd"]?.tags?.shape).to.deep.equal({
      kind: "map",
      of: { kind: "string" },
    });
    expect(outputs).to.deep.include({ role: true, token: false });
    const role = await digest("aws:iam/role:Role");
    expect(role.inputs.assumeRolePolicy?.shape).to.deep.include({ kind: "union" });
  });

  it("represent an argument that is another resource by its id", async () => {
    const { inputs } = await digest("aws:cloudwatch/metricAlarm:MetricAlarm");
    expect(inputs.alarmActions?.shape).to.deep.equal({ kind: "list", of: { kind: "string" } });
  });

  it("do not exist for types that the SDK does not have", async () => {
    for (const token of [
      "aws:s3/bucket:Buket",
      "aws:s3/nothing:Nothing",
      "aws:nothing/bucket:Bucket",
      "gcp:storage/bucket:Bucket",
    ])
      expect(await sdkTypes().digest(token), token).to.equal(undefined);
  });

  it("come from the cache the second time, and are read again where it is broken", async () => {
    const token = "aws:sns/topic:Topic";
    const read = await digest(token);
    const [folder = ""] = readdirSync(join(cache, "aws-types"));
    const file = join(cache, "aws-types", folder, "aws_sns_topic_Topic.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"displayName"', '"fromTheCache"'));
    expect((await digest(token)).inputs).to.have.property("fromTheCache");
    writeFileSync(file, "{");
    expect(await digest(token)).to.deep.equal(read);
  });

  describe("inputs", () => {
    const rule: Properties = {
      id: "all",
      status: "Enabled",
      destination: { bucket: "arn:aws:s3:::b", metrics: { status: "Enabled", eventThreshold: { minutes: 15 } } },
    };
    const good: Properties = { bucket: "a", role: "arn", rules: [rule] };
    const problems = async (inputs: Properties): Promise<string[]> =>
      inputProblems(await digest(replication), inputs).map(({ property, reason }) => `${property}: ${reason}`);

    it("that fit are accepted, unknown ones too", async () => {
      expect(await problems(good)).to.deep.equal([]);
      expect(await problems({ ...good, rules: unknown })).to.deep.equal([]);
      expect(await problems({ ...good, role: unknown, rules: [{ ...rule, destination: unknown }] })).to.deep.equal([]);
    });

    it("are refused by name at any depth, with what was probably meant, all at once", async () => {
      const destination = { bucket: "b", replicationTimes: {} };
      expect(await problems({ bucket: "a", rols: "x", rules: [{ status: "Enabled", destination }] })).to.deep.equal([
        "rols: rols is not a property of this type; did you mean role?",
        "rules[0].destination.replicationTimes: replicationTimes is not a property of this type; did you mean replicationTime?",
        "role: role is required",
      ]);
    });

    it("are refused where something required is missing inside", async () => {
      expect(await problems({ ...good, rules: [{ status: "Enabled" }] })).to.deep.equal([
        "rules[0].destination: destination is required",
      ]);
    });

    it("are refused where the kind is wrong", async () => {
      const wrong = { ...good, rules: [{ ...rule, priority: "1" }, "x"], bucket: ["a"] };
      expect(await problems(wrong)).to.deep.equal([
        "bucket: is a list, but must be a string",
        'rules[0].priority: is "1", but must be a number',
        'rules[1]: is "x", but must be an object',
      ]);
      expect(await problems({ ...good, rules: rule })).to.deep.equal(["rules: is an object, but must be a list"]);
    });

    it("may mix the members of a union, as a policy's principals do", async () => {
      const { inputs, types } = await digest("aws:iam/role:Role");
      const policy = (principal: Properties): Properties => ({
        assumeRolePolicy: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: principal }],
        },
      });
      const found = (principal: Properties) =>
        inputProblems({ token: "", inputs, types, outputs: {} }, policy(principal)).map(({ property }) => property);
      expect(found({ AWS: "1", Service: "s3.amazonaws.com" })).to.deep.equal([]);
      expect(found({ Servise: "s3.amazonaws.com" })).to.deep.equal(["assumeRolePolicy.Statement[0].Principal.Servise"]);
    });

    it("may not have the name of something that every object has", async () => {
      const problems = inputProblems(await digest(replication), { toString: [], valueOf: {} });
      expect(problems.map(({ property }) => property)).to.include.members(["toString", "valueOf"]);
    });

    it("never crash the check, whatever they are", async () => {
      const type = await digest(replication);
      fc.assert(
        fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (inputs) => {
          expect(inputProblems(type, inputs as Properties).length).to.be.above(0); // never the three required ones
        }),
      );
    });
  });

  it("suggest a near name only", () => {
    expect(nearest("Bukcet", ["bucket", "tags"])).to.equal("bucket");
    expect(nearest("zebra", ["bucket", "tags"])).to.equal(undefined);
  });
});
