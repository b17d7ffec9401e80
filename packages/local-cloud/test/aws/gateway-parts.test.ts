import { expect } from "chai";
import fc from "fast-check";
import { Calls } from "../../aws/calls.ts";
import { changeOf } from "../../aws/changes.ts";
import { Faults } from "../../aws/faults.ts";

describe("faults", () => {
  it("cut the global control planes with their region", () => {
    const faults = new Faults("us-east-1");
    faults.cut("us-east-1");
    expect([faults.isCut("us-east-1"), faults.isCut("global"), faults.isCut("eu-west-1")]).to.deep.equal([
      true,
      true,
      false,
    ]);
    faults.restore("us-east-1");
    expect(faults.isCut("global")).to.equal(false);
  });

  it("fail as often as specified, and only matching requests", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), (times, requests) => {
        const faults = new Faults("us-east-1");
        faults.fail("eu-west-1", { service: "s3", operation: "PutObject", status: 503, times });
        const failed = Array.from({ length: requests }, () => faults.failureFor("eu-west-1", "s3", "PutObject"));
        expect(failed.filter((status) => status === 503)).to.have.length(Math.min(times, requests));
        expect(faults.failureFor("eu-west-1", "s3", "GetObject")).to.equal(undefined);
        expect(faults.failureFor("eu-central-1", "s3", "PutObject")).to.equal(undefined);
      }),
    );
  });

  it("end when the rule is removed", () => {
    const faults = new Faults("us-east-1");
    const end = faults.fail("eu-west-1", { status: 500 });
    expect(faults.failureFor("eu-west-1", "kms", "Decrypt")).to.equal(500);
    end();
    expect(faults.failureFor("eu-west-1", "kms", "Decrypt")).to.equal(undefined);
  });

  it("refuse a status that is no error", () => {
    for (const status of [200, 399, 600, 404.5, NaN])
      expect(() => new Faults("us-east-1").fail("eu-west-1", { status }), String(status)).to.throw(
        /status is .* 400 to 599/,
      );
  });
});

describe("recorded calls", () => {
  const arrived = { at: 1, region: "eu-west-1", service: "s3", operation: "PutObject" };

  it("keeps the first outcome", () => {
    const calls = new Calls();
    const call = calls.open(arrived);
    expect(calls.list()).to.deep.equal([]);
    call.done(200);
    call.abandoned();
    expect(calls.list()).to.deep.equal([{ ...arrived, status: 200 }]);
  });

  it("breaks what is open in a cut region, and nothing else", () => {
    const calls = new Calls();
    const broken: string[] = [];
    for (const region of ["eu-west-1", "eu-central-1"])
      calls.open({ ...arrived, region }).whenBroken(() => broken.push(region));
    calls.open(arrived).done(200);
    calls.breakOff((region) => region === "eu-west-1");
    expect(broken).to.deep.equal(["eu-west-1"]);
    expect(calls.list().map(({ status }) => status)).to.deep.equal(["refused", 200]);
  });
});

describe("changes", () => {
  const change = (name: string, query = "", answer: Record<string, string> = {}, key = "a"): unknown =>
    changeOf({ name, bucket: "orders", key, implemented: true }, new URLSearchParams(query), answer);

  it("are derived from requests that create a version", () => {
    for (const name of ["PutObject", "CopyObject", "CompleteMultipartUpload"])
      expect(change(name, "", { "x-amz-version-id": "v" })).to.deep.equal({
        kind: "created",
        bucket: "orders",
        key: "a",
        versionId: "v",
      });
    expect(change("PutObject")).to.equal(undefined);
    expect(change("UploadPart", "partNumber=1&uploadId=u")).to.equal(undefined);
  });

  it("are derived from metadata requests, with their version", () => {
    expect(change("PutObjectRetention", "versionId=v")).to.include({ kind: "retention", versionId: "v" });
    expect(change("DeleteObjectTagging", "", { "x-amz-version-id": "w" })).to.include({ kind: "tags", versionId: "w" });
  });

  it("distinguish a delete marker from the deletion of a version", () => {
    expect(change("DeleteObject", "", { "x-amz-delete-marker": "true" })).to.include({ kind: "deleted" });
    expect(change("DeleteObject", "versionId=v", { "x-amz-delete-marker": "true" })).to.equal(undefined);
  });

  it("are derived from requests that change bucket settings", () => {
    expect(change("PutBucketVersioning", "", {}, "")).to.deep.equal({ kind: "bucket-settings", bucket: "orders" });
    expect(change("GetBucketVersioning", "", {}, "")).to.equal(undefined);
  });
});
