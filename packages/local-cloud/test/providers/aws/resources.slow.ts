/** The contract of AWS resources in the emulator: the local provider and, where it is installed, the official one. */
import { expect } from "chai";
import { awsProvider, type AwsProvider } from "../../../providers/aws/index.ts";
import { realTypes } from "../../../providers/aws/services/index.ts";
import { serveProvider } from "../../../providers/index.ts";
import { sdkVersion } from "../../../providers/sdk-version.ts";
import type { Properties } from "../../../providers/values.ts";
import { central, openBench, west, type Bench } from "../../aws/support.ts";
import { startFakeEngine } from "../contract/engine-service.ts";
import { startPlugin, withOfficialPlugin } from "../contract/official-plugins.ts";
import { describeResources, type Stage } from "../contract/resource-contract.ts";
import { ResourceDriver, type State } from "../contract/resource-driver.ts";
import { WireProvider } from "../contract/wire-provider.ts";
import { account, alarm, allow, cases, trust } from "./cases.ts";
import type { Fixtures } from "./fixtures.ts";

describe("AWS resources", () => {
  let provider: AwsProvider;

  describeResources("of the local provider", cases, async () => {
    const bench = await openBench();
    provider = awsProvider({ endpoint: bench.aws.endpoint, globalEndpoint: bench.aws.globalEndpoint });
    const served = await serveProvider(provider);
    return stageOn(bench, (region) => WireProvider.open("aws", served.port, { region }), served.stop);
  });

  describe("of the local provider, after their deletion", () => {
    it("are no longer listed", () => {
      expect(provider.resources().map(({ name }) => name))
        .to.include("fixtures")
        .and.not.to.include("case");
    });
  });

  it("have a case for each type that the local provider creates", () => {
    const covered = new Set(cases.map(({ type }) => type));
    expect([...realTypes.keys()].filter((type) => !covered.has(type))).to.deep.equal([]);
  });

  withOfficialPlugin("aws", sdkVersion("aws"), (path) =>
    describeResources("of the official provider", cases, async () => {
      const bench = await openBench();
      const engine = await startFakeEngine();
      const open = async (region: string): Promise<WireProvider> =>
        WireProvider.open(
          "aws",
          await startPlugin(bench.run, `aws-${region}`, path, engine.address),
          official(bench, region),
        );
      return stageOn(bench, open, () => engine.stop());
    }),
  );
});

const services = "s3 kms sns sqs ssm sfn scheduler cloudwatch secretsmanager eks ec2".split(" ");

/** Arguments by which the official provider takes the gateways for AWS. */
function official({ aws }: Bench, region: string): Properties {
  const regional = Object.fromEntries(services.map((service) => [service, aws.endpoint(region)]));
  return {
    region,
    accessKey: aws.credentials.accessKeyId,
    secretKey: aws.credentials.secretAccessKey,
    endpoints: JSON.stringify([{ ...regional, iam: aws.globalEndpoint, route53: aws.globalEndpoint }]),
    s3UsePathStyle: "true",
    skipCredentialsValidation: "true",
    skipMetadataApiCheck: "true",
    skipRequestingAccountId: "true",
  };
}

async function stageOn(
  bench: Bench,
  open: (region: string) => Promise<WireProvider>,
  stop: () => void | Promise<void>,
): Promise<Stage<Fixtures>> {
  const providers = [await open(west), await open(central)] as const;
  const [near, far] = [new ResourceDriver(providers[0], {}), new ResourceDriver(providers[1], {})];
  const isWrite = ({ operation }: { operation: string }): boolean => !/^(Get|Head|List|Describe)/.test(operation);
  return {
    near,
    far,
    world: await prepare(near, far),
    requests: () => bench.aws.calls().length,
    writes: () => bench.aws.calls().filter(isWrite).length,
    close: async () => {
      for (const provider of providers) provider.close();
      await stop();
      await bench.close();
    },
  };
}

async function prepare(near: ResourceDriver, far: ResourceDriver): Promise<Fixtures> {
  const bucket = "fixtures-near";
  const farBucket = "fixtures-far";
  const plainBucket = "fixtures-plain";
  const make = (driver: ResourceDriver, type: string, inputs: Properties): Promise<State> =>
    driver.create(type, "fixtures", inputs);
  const versioned = async (driver: ResourceDriver, name: string): Promise<void> => {
    await make(driver, "aws:s3/bucket:Bucket", { bucket: name, objectLockEnabled: name === bucket });
    const versioningConfiguration = { status: "Enabled" };
    await make(driver, "aws:s3/bucketVersioning:BucketVersioning", { bucket: name, versioningConfiguration });
  };
  await versioned(near, bucket);
  await versioned(far, farBucket);
  await make(near, "aws:s3/bucket:Bucket", { bucket: plainBucket });
  const [role, otherRole, zone, key, topic, queue, secret] = await Promise.all([
    make(near, "aws:iam/role:Role", { name: "fixtures", assumeRolePolicy: trust }),
    make(near, "aws:iam/role:Role", { name: "fixtures-other", assumeRolePolicy: trust }),
    make(near, "aws:route53/zone:Zone", { name: "shop.example" }),
    make(near, "aws:kms/key:Key", { multiRegion: true }),
    make(near, "aws:sns/topic:Topic", { name: "fixtures" }),
    make(near, "aws:sqs/queue:Queue", {
      name: "fixtures",
      policy: allow("sqs:SendMessage", `arn:aws:sqs:eu-west-1:${account}:fixtures`, { Service: "s3.amazonaws.com" }),
    }),
    make(near, "aws:secretsmanager/secret:Secret", { name: "fixtures" }),
    make(near, "aws:cloudwatch/metricAlarm:MetricAlarm", alarm({ name: "fixtures" })),
  ]);
  const arn = (state: State): string => String(state.outputs.arn);
  const network = await prepareNetwork(make, near);
  const { id: cluster } = await make(near, "aws:eks/cluster:Cluster", {
    name: "fixtures",
    roleArn: arn(role),
    vpcConfig: { subnetIds: network.subnets },
  });
  await make(near, "aws:eks/accessEntry:AccessEntry", { clusterName: cluster, principalArn: arn(role) });
  return {
    bucket,
    farBucket,
    plainBucket,
    role: arn(role),
    key,
    topic: arn(topic),
    queue: arn(queue),
    secret: secret.id,
    otherRole: arn(otherRole),
    zone: zone.id,
    cluster,
    ...network,
  };
}

type Make = (driver: ResourceDriver, type: string, inputs: Properties) => Promise<State>;

async function prepareNetwork(make: Make, near: ResourceDriver) {
  const { id: vpc } = await make(near, "aws:ec2/vpc:Vpc", { cidrBlock: "10.0.0.0/16" });
  const subnets: string[] = [];
  for (const cidrBlock of ["10.0.0.0/20", "10.0.16.0/20"])
    subnets.push((await make(near, "aws:ec2/subnet:Subnet", { vpcId: vpc, cidrBlock })).id);
  const { id: routeTable } = await make(near, "aws:ec2/routeTable:RouteTable", { vpcId: vpc });
  const { id: gateway } = await make(near, "aws:ec2/internetGateway:InternetGateway", { vpcId: vpc });
  const [used, address] = [await make(near, "aws:ec2/eip:Eip", {}), await make(near, "aws:ec2/eip:Eip", {})];
  const { id: natGateway } = await make(near, "aws:ec2/natGateway:NatGateway", {
    subnetId: subnets[0] ?? "",
    allocationId: used.id,
  });
  return { vpc, subnets, routeTable, gateway, natGateway, address: address.id };
}
