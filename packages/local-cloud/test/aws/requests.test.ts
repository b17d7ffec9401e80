import { expect } from "chai";
import fc from "fast-check";
import { codeOf, errorReply } from "../../aws/errors.ts";
import { isLoopback, parseListeners } from "../../aws/listening.ts";
import { operationName } from "../../aws/operations.ts";
import { attribute, signedScope } from "../../aws/signature.ts";

const none = new URLSearchParams();
const signed = (region: string, service: string): { authorization: string } => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIA/20261123/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

describe("signatures", () => {
  it("name region and service", () => {
    expect(signedScope(signed("eu-west-1", "s3"), none)).to.deep.equal({ region: "eu-west-1", service: "s3" });
  });

  it("may stand in the query or, asymmetric, name their region apart", () => {
    const query = new URLSearchParams({ "X-Amz-Credential": "AKIA/20261123/eu-west-1/s3/aws4_request" });
    expect(signedScope({}, query)).to.deep.equal({ region: "eu-west-1", service: "s3" });
    const asymmetric = {
      authorization: "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20261123/s3/aws4_request, SignedHeaders=host, Signature=0",
      "x-amz-region-set": "eu-central-1",
    };
    expect(signedScope(asymmetric, none)).to.deep.equal({ region: "eu-central-1", service: "s3" });
  });

  it("are absent from other requests, whatever they hold", () => {
    fc.assert(
      fc.property(fc.string(), (authorization) => {
        fc.pre(!authorization.includes("Credential="));
        expect(signedScope({ authorization }, none)).to.equal(undefined);
      }),
    );
  });
});

describe("attribution", () => {
  const regions = ["eu-west-1", "eu-central-1"];

  it("follows the signature, wherever the request arrives", () => {
    fc.assert(
      fc.property(fc.constantFrom(...regions), fc.constantFrom(...regions, "global"), (to, arrivedAt) => {
        const scope = { region: to, service: "kms" };
        expect(attribute(scope, arrivedAt, regions)).to.deep.equal({ region: to, service: "kms" });
      }),
    );
  });

  it("counts services with one control plane as global", () => {
    for (const service of ["iam", "route53", "organizations", "cloudfront", "budgets"])
      expect(attribute({ region: "us-east-1", service }, "eu-west-1", regions).region).to.equal("global");
  });

  it("distinguishes regional and global STS", () => {
    expect(attribute({ region: "eu-west-1", service: "sts" }, "global", regions).region).to.equal("eu-west-1");
    expect(attribute({ region: "us-east-1", service: "sts" }, "eu-west-1", regions).region).to.equal("global");
  });

  it("leaves unsigned requests where they arrived", () => {
    expect(attribute(undefined, "eu-west-1", regions)).to.deep.equal({ region: "eu-west-1", service: "unsigned" });
  });
});

describe("operation names", () => {
  const request = { service: "sns", method: "POST", path: "/", query: none, headers: {} };

  it("are read by each protocol", () => {
    expect(operationName({ ...request, headers: { "x-amz-target": "AWSStepFunctions.StartExecution" } })).to.equal(
      "StartExecution",
    );
    expect(operationName({ ...request, form: "Version=2010-03-31&Action=Publish&Message=a" })).to.equal("Publish");
    expect(operationName({ ...request, query: new URLSearchParams("Action=ListTopics") })).to.equal("ListTopics");
    const rpc = "/service/GraniteServiceVersion20100801/operation/PutMetricData";
    expect(operationName({ ...request, path: rpc })).to.equal("PutMetricData");
    expect(operationName({ ...request, service: "scheduler", path: "/schedules/hourly" })).to.equal("CreateSchedule");
    expect(operationName({ ...request, service: "route53", path: "/2013-04-01/hostedzone/Z1/rrset/" })).to.equal(
      "ChangeResourceRecordSets",
    );
  });

  it("of EKS are read from the path, also with an ARN in it", () => {
    const principal = "/clusters/shop/access-entries/arn:aws:iam::123456789012:role/a";
    const eks = (method: string, path: string): string => operationName({ ...request, service: "eks", method, path });
    expect(eks("GET", "/clusters/shop")).to.equal("DescribeCluster");
    expect(eks("POST", "/clusters/shop/pod-identity-associations")).to.equal("CreatePodIdentityAssociation");
    expect(eks("POST", "/clusters/shop/pod-identity-associations/a-1")).to.equal("UpdatePodIdentityAssociation");
    expect(eks("GET", principal)).to.equal("DescribeAccessEntry");
    expect(eks("POST", `${principal}/access-policies`)).to.equal("AssociateAccessPolicy");
    expect(eks("DELETE", `${principal}/access-policies/arn:aws:eks::aws:cluster-access-policy/View`)).to.equal(
      "DisassociateAccessPolicy",
    );
  });

  it("fall back to method and path", () => {
    expect(operationName({ ...request, method: "GET", path: "/clusters/a" })).to.equal("GET /clusters/a");
  });
});

describe("injected errors", () => {
  it("have the protocol of the request", () => {
    expect(errorReply("s3", {}, codeOf(503, "s3"), "a < b").body.toString()).to.contain(
      "<Code>SlowDown</Code><Message>a &lt; b",
    );
    const json = errorReply("states", { "content-type": "application/x-amz-json-1.0" }, "AccessDenied", "no");
    expect(JSON.parse(json.body.toString())).to.deep.equal({ __type: "AccessDenied", message: "no" });
    const form = errorReply("sns", { "content-type": "application/x-www-form-urlencoded" }, "Throttling", "no");
    expect(form.body.toString()).to.contain("<Error><Type>Receiver</Type><Code>Throttling</Code>");
  });

  it("are well-formed CBOR for services that speak it", () => {
    const { body } = errorReply("monitoring", { "smithy-protocol": "rpc-v2-cbor" }, "A", "b".repeat(300));
    const text = (value: string, head: string) => Buffer.concat([Buffer.from(head, "hex"), Buffer.from(value)]);
    const start = [Buffer.from("a2", "hex"), text("__type", "66"), text("A", "61"), text("message", "67")];
    expect(body.subarray(0, 18).toString("hex")).to.equal(Buffer.concat(start).toString("hex"));
    expect(body.subarray(body.length - 303, body.length - 300).toString("hex")).to.equal("79012c");
  });
});

describe("listening sockets", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0
   2: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0
`;

  it("are found in the kernel's table, connections are not", () => {
    expect([...parseListeners(table)]).to.deep.equal([
      ["111", { address: "127.0.0.1", port: 8080 }],
      ["222", { address: "0.0.0.0", port: 80 }],
    ]);
  });

  it("are classified by their address", () => {
    expect(["127.0.0.1", "127.9.8.7", "00000000000000000000000001000000"].every(isLoopback)).to.equal(true);
    expect(["0.0.0.0", "10.0.0.1", "00000000000000000000000000000000"].some(isLoopback)).to.equal(false);
  });
});
