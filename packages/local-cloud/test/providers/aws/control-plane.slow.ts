/** What EKS and Route 53 refuse at creation, and lookups of zones. */
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { awsProvider, type AwsProvider } from "../../../providers/aws/index.ts";
import type { Properties } from "../../../providers/values.ts";
import { central, openBench, west, type Bench } from "../../aws/support.ts";
import { ResourceDriver, failureOf } from "../contract/resource-driver.ts";
import { account, trust } from "./cases.ts";

const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

describe("control planes by the local AWS provider", function () {
  this.timeout(60_000);
  let bench: Bench;
  let provider: AwsProvider;
  let engine: ResourceDriver;
  before(async () => {
    bench = await openBench();
    const { endpoint, globalEndpoint } = bench.aws;
    provider = awsProvider({ endpoint, globalEndpoint, propagationSeconds: 2 });
    engine = new ResourceDriver(provider, { region: west });
    await role("cluster");
    const roleArn = `arn:aws:iam::${account}:role/cluster`;
    await engine.create("aws:eks/cluster:Cluster", "shop", { name: "shop", roleArn, vpcConfig: { subnetIds: ["a"] } });
  });
  after(() => bench?.close());

  const role = (name: string) => engine.create("aws:iam/role:Role", name, { name, assumeRolePolicy: trust });
  const inputs = (changes: Properties = {}): Properties => ({
    clusterName: "shop",
    namespace: "shop",
    serviceAccount: "export",
    roleArn: `arn:aws:iam::${account}:role/export`,
    ...changes,
  });

  it("refuse an association with a cluster that does not exist, at once", async () => {
    const failure = await failureOf(engine.create(association, "a", inputs({ clusterName: "other" })));
    expect(failure.message).to.contain("ResourceNotFoundException").and.to.contain("other");
  });

  it("refuse an association with a role that does not exist, after waiting for it", async () => {
    const began = performance.now();
    const failure = await failureOf(engine.create(association, "b", inputs()));
    expect(failure.message).to.contain("InvalidParameterException").and.to.contain("Role provided");
    expect(performance.now() - began).to.be.greaterThan(1_900);
    expect(provider.resources().filter(({ type }) => type === association)).to.deep.equal([]);
  });

  it("accept an association whose role is created meanwhile", async () => {
    const [made] = await Promise.all([engine.create(association, "c", inputs()), role("export")]);
    expect(made.id).to.match(/^a-/);
  });

  it("refuse a change to a role that does not exist, and keep the old one", async () => {
    const made = await engine.create(association, "d", inputs({ serviceAccount: "other" }));
    const roleArn = `arn:aws:iam::${account}:role/none`;
    await failureOf(engine.update(made, inputs({ serviceAccount: "other", roleArn })));
    expect((await engine.refresh(made))?.outputs.roleArn).to.equal(inputs().roleArn);
  });

  const getZone = (args: Properties) =>
    provider.invoke(engine.call("", ""), "aws:route53/getZone:getZone", args) as Promise<{ outputs: Properties }>;

  it("find a zone by name and by id, and no other", async () => {
    const zone = await engine.create("aws:route53/zone:Zone", "zone", { name: "shop.example" });
    expect((await getZone({ name: "Shop.example." })).outputs.zoneId).to.equal(zone.id);
    expect((await getZone({ zoneId: zone.id })).outputs.name).to.equal("shop.example");
    for (const args of [{ name: "example" }, { name: "api.shop.example" }, { zoneId: "Z404" }, {}])
      expect(await getZone(args), JSON.stringify(args)).to.have.property("failures");
  });

  it("read an object of either region as text if its type is one, and no object that does not exist", async () => {
    const s3 = bench.s3(central);
    await s3.send(new CreateBucketCommand({ Bucket: "far" }));
    const put = (Key: string, ContentType: string) =>
      s3.send(new PutObjectCommand({ Bucket: "far", Key, Body: '{"epoch":1}', ContentType }));
    await Promise.all([put("record.json", "application/json"), put("blob", "application/octet-stream")]);
    const read = (args: Properties) => provider.invoke(engine.call("", ""), "aws:s3/getObject:getObject", args);
    const far = { bucket: "far", region: central };
    expect(await read({ ...far, key: "record.json" })).to.have.nested.property("outputs.body", '{"epoch":1}');
    expect(await read({ ...far, key: "blob" })).to.have.nested.property("outputs.body", "");
    for (const args of [{ ...far, key: "none" }, { bucket: "none", key: "record.json" }, { bucket: "far" }]) {
      expect(await read(args), JSON.stringify(args)).to.have.property("failures");
    }
  });

  it("complete a short name with the zone's, and escape what DNS escapes", async () => {
    const zone = await engine.create("aws:route53/zone:Zone", "names", { name: "names.example" });
    const record = { zoneId: zone.id, type: "TXT", ttl: 60, records: ["a b"] };
    const short = await engine.create("aws:route53/record:Record", "short", { ...record, name: "api" });
    expect(short.outputs.fqdn).to.equal("api.names.example");
    const wild = await engine.create("aws:route53/record:Record", "wild", { ...record, name: "*.names.example" });
    for (const made of [short, wild]) {
      const found = await engine.refresh(made);
      expect((await engine.diff(found!, made.inputs)).changes, made.name).to.equal(false);
      await engine.delete(made);
      expect(await engine.refresh(made), made.name).to.equal(undefined);
    }
  });

  it("fail without the global control plane, for Route 53 only", async () => {
    bench.aws.cut("us-east-1");
    expect((await failureOf(getZone({ name: "shop.example" }).then(requireOutputs))).message).to.contain("no zone");
    await engine.create(association, "e", inputs({ serviceAccount: "third" }));
    bench.aws.restore("us-east-1");
  });

  it("are called by operations that the gateway knows", () => {
    const unnamed = bench.aws.calls().filter(({ operation }) => operation.includes(" "));
    expect(unnamed.map(({ service, operation }) => `${service}: ${operation}`)).to.deep.equal([]);
  });
});

function requireOutputs(result: object): void {
  if (!("outputs" in result)) throw new Error("no zone");
}
