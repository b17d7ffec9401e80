import { expect } from "chai";
import fc from "fast-check";
import { s3Operation } from "../../aws/s3-operations.ts";
import type { S3Operation } from "../../aws/s3-operations.ts";

function operation(method: string, url: string, headers: Record<string, string> = {}): S3Operation {
  const [path = "", search = ""] = url.split("?", 2);
  return s3Operation({ method, path, query: new URLSearchParams(search), headers });
}

const copying = { "x-amz-copy-source": "other/key" };

describe("S3 operations", () => {
  const cases: [string, string, string, Record<string, string>?][] = [
    ["GET", "/", "ListBuckets"],
    ["PUT", "/orders", "CreateBucket"],
    ["DELETE", "/orders?x-id=DeleteBucket", "DeleteBucket"],
    ["HEAD", "/orders", "HeadBucket"],
    ["GET", "/orders?list-type=2&prefix=points%2F", "ListObjectsV2"],
    ["GET", "/orders?versions&prefix=a", "ListObjectVersions"],
    ["GET", "/orders/?location", "GetBucketLocation"],
    ["PUT", "/orders?versioning", "PutBucketVersioning"],
    ["PUT", "/orders?replication", "PutBucketReplication"],
    ["DELETE", "/orders?lifecycle", "DeleteBucketLifecycle"],
    ["GET", "/orders?lifecycle", "GetBucketLifecycleConfiguration"],
    ["PUT", "/orders?object-lock", "PutObjectLockConfiguration"],
    ["POST", "/orders?delete", "DeleteObjects"],
    ["GET", "/orders/a/b?versionId=1", "GetObject"],
    ["HEAD", "/orders/a/b?partNumber=2", "HeadObject"],
    ["PUT", "/orders/a/b?x-id=PutObject", "PutObject"],
    ["PUT", "/orders/a/b", "CopyObject", copying],
    ["PUT", "/orders/a?partNumber=1&uploadId=u", "UploadPart"],
    ["PUT", "/orders/a?partNumber=1&uploadId=u", "UploadPartCopy", copying],
    ["POST", "/orders/a?uploads", "CreateMultipartUpload"],
    ["POST", "/orders/a?uploadId=u", "CompleteMultipartUpload"],
    ["DELETE", "/orders/a?uploadId=u", "AbortMultipartUpload"],
    ["PUT", "/orders/a?retention&versionId=1", "PutObjectRetention"],
    ["PUT", "/orders/a?legal-hold", "PutObjectLegalHold"],
    ["DELETE", "/orders/a?versionId=1", "DeleteObject"],
    ["GET", "/orders/a?attributes", "GetObjectAttributes"],
  ];
  for (const [method, url, name, headers] of cases)
    it(`calls ${method} ${url}${headers ? " with a source" : ""} ${name}`, () => {
      const { name: found, implemented } = operation(method, url, headers);
      expect(found).to.equal(name);
      expect(implemented).to.equal(true);
    });

  it("decodes bucket and key", () => {
    expect(operation("GET", "/orders/a%20b/c%2Fd")).to.include({ bucket: "orders", key: "a b/c/d" });
  });

  it("does not implement unknown operations", () => {
    for (const [method, url] of [
      ["DELETE", "/orders?metrics"],
      ["DELETE", "/orders?metrics&id=all"],
      ["GET", "/orders?requestPayment"],
      ["DELETE", "/orders?id=all"],
      ["DELETE", "/orders?versionId=1"],
      ["PUT", "/orders?acl&policy"],
      ["GET", "/orders?policyStatus"],
      ["PATCH", "/orders/a"],
      ["PUT", "/orders/a?renameObject"],
    ] as const)
      expect(operation(method, url), `${method} ${url}`).to.include({ implemented: false });
  });

  it("never takes a request with a parameter for the deletion or creation of a bucket", () => {
    const parameter = fc.stringMatching(/^[A-Za-z-]{1,20}$/).filter((name) => !/^x-(id|amz-)/i.test(name));
    fc.assert(
      fc.property(fc.constantFrom("PUT", "DELETE"), parameter, fc.string(), (method, name, value) => {
        const query = new URLSearchParams({ [name]: value });
        const { name: found } = s3Operation({ method, path: "/orders", query, headers: {} });
        expect(found).not.to.be.oneOf(["CreateBucket", "DeleteBucket"]);
      }),
    );
  });
});
