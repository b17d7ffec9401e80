/** The unchanged program creates network and cluster, under the engine, on the local stack. */
import { expect } from "chai";
import { Kubernetes } from "../../continuity/kubernetes.ts";
import { ManagedStack } from "../../continuity/stacks.ts";
import { stackOf, startLocalStack, type LocalStack } from "../../drill/laboratory/local-stack.ts";
import { kubernetesNames, type StackPart } from "../../contract/index.ts";

type Resource = ReturnType<LocalStack["provider"]["resources"]>[number];

describe("a site whose network and cluster the stack creates", function () {
  this.timeout(300_000);
  this.bail(true);
  let local: LocalStack;
  let stacks: Record<StackPart, ManagedStack>;

  before(async function () {
    this.timeout(1_200_000); // builds the tools where they are not there yet
    local = await startLocalStack({
      progress: Object.assign(() => {}, { moving: () => {} }),
      // The local cluster has no EBS, so the database's volume comes from its own class.
      config: { network: "created", cluster: "created", storageClassName: "standard" },
    });
    const { directory: projectDirectory, env, policyPack, pulumiRoot } = local.project;
    const open = (part: StackPart): Promise<ManagedStack> =>
      ManagedStack.createOrSelect({ projectDirectory, stack: stackOf[part], env, policyPack, pulumiRoot });
    stacks = { shared: await open("shared"), primary: await open("primary"), alternate: await open("alternate") };
  });
  after(() => local?.stop());

  const made = (type: string, region?: string): Resource[] =>
    local.provider.resources().filter((one) => one.type === type && (region === undefined || one.region === region));

  it("is previewed with the policy pack, before anything exists", async () => {
    const findings = await stacks.primary.preview();
    expect(findings.violations).to.deep.equal([]);
    expect(made("aws:eks/cluster:Cluster")).to.deep.equal([]);
  });

  it("is created in both regions", async () => {
    await stacks.shared.up({});
    await Promise.all([stacks.primary.up({}), stacks.alternate.up({})]);
    for (const site of ["primary", "alternate"] as const) {
      const region = local.regionOf(site);
      const [cluster, ...more] = made("aws:eks/cluster:Cluster", region);
      expect(more).to.deep.equal([]);
      const subnets = made("aws:ec2/subnet:Subnet", region).filter(({ name }) => name.includes("private"));
      expect(subnets).to.have.length(3);
      const { subnetIds, ...vpc } = cluster?.outputs.vpcConfig as { subnetIds: string[] };
      expect(subnetIds).to.have.members(subnets.map(({ id }) => id));
      expect(vpc).to.include({ endpointPrivateAccess: true, endpointPublicAccess: false });
      const associations = made("aws:eks/podIdentityAssociation:PodIdentityAssociation", region);
      expect(new Set(associations.map(({ inputs }) => inputs.clusterName))).to.deep.equal(new Set([cluster?.id]));
    }
  });

  it("has network and cluster for real, and only what the emulator lacks as records", () => {
    expect(local.provider.realTypes()).to.include.members([
      "aws:ec2/natGateway:NatGateway",
      "aws:ec2/route:Route",
      "aws:ec2/subnet:Subnet",
      "aws:ec2/vpc:Vpc",
      "aws:eks/accessEntry:AccessEntry",
      "aws:eks/cluster:Cluster",
    ]);
    expect(local.provider.recordedTypes()).to.deep.equal([
      "aws:cloudwatch/logGroup:LogGroup",
      "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
      "aws:ec2/flowLog:FlowLog",
      "aws:ec2/securityGroup:SecurityGroup",
      "aws:ec2/vpcEndpoint:VpcEndpoint",
    ]);
  });

  it("has a storage class, and enforces network policies, in the cluster itself", async () => {
    const kubernetes = new Kubernetes({ namespace: local.namespace, kubeconfig: local.clusters.primary.kubeconfig });
    const classes = "/apis/storage.k8s.io/v1/storageclasses";
    expect(await kubernetes.get(`${classes}/${kubernetesNames.databaseStorageClass}`)).to.include({
      provisioner: "ebs.csi.eks.amazonaws.com",
      allowVolumeExpansion: true,
    });
    expect(await kubernetes.get("/api/v1/namespaces/kube-system/configmaps/amazon-vpc-cni"))
      .to.have.property("data")
      .that.deep.equals({ "enable-network-policy-controller": "true" });
  });

  it("changes nothing at the next update", async () => {
    const before = local.aws.calls().length;
    await stacks.alternate.up({});
    const changes = local.aws
      .calls()
      .slice(before)
      .filter(({ operation, userAgent }) => isChange(operation, userAgent));
    expect(changes).to.deep.equal([]);
  });
});

/** Calls of the engine's providers, not of the jobs. */
const isChange = (operation: string, userAgent = ""): boolean =>
  !/^(Get|Head|List|Describe)/.test(operation) && /api\/(ec2|eks|iam|kms|route-53)/.test(userAgent);
