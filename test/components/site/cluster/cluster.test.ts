import { expect } from "chai";
import { Cluster, ClusterDefaults, type ClusterArgs } from "../../../../components/site/cluster/index.ts";
import { made, ofType, only, settled, startMocks, valueOf, type Made } from "../../../support/pulumi-mocks.ts";

async function build(changes: Partial<ClusterArgs> = {}): Promise<Cluster> {
  await startMocks();
  const cluster = new Cluster("alternate", {
    clusterName: "shop-alternate",
    region: "eu-central-1",
    accountId: "123456789012",
    subnetIds: ["subnet-1", "subnet-2"],
    ...changes,
  });
  await settled();
  return cluster;
}

const eks = (): Made => only("aws:eks/cluster:Cluster");
const role = (name: string) => only("aws:iam/role:Role", name);
const trustOf = (name: string) => JSON.parse(String(role(name).inputs["assumeRolePolicy"])).Statement[0];

describe("a created cluster", () => {
  let cluster: Cluster;
  before(async () => (cluster = await build()));

  it("runs in Auto Mode as a whole", () => {
    expect(eks().inputs).to.deep.include({
      name: "shop-alternate",
      bootstrapSelfManagedAddons: false,
      kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true }, ipFamily: "ipv4" },
      storageConfig: { blockStorage: { enabled: true } },
    });
    expect(eks().inputs["computeConfig"]).to.include({ enabled: true });
    expect(eks().inputs).not.to.have.property("version");
  });

  it("is reached from its network only", () => {
    expect(eks().inputs["vpcConfig"]).to.deep.equal({
      subnetIds: ["subnet-1", "subnet-2"],
      endpointPrivateAccess: true,
      endpointPublicAccess: false,
    });
  });

  it("is also reached from the internet by the ranges that are named", async () => {
    await build({ publicCidrs: ["203.0.113.0/24"], version: "1.34" });
    expect(eks().inputs["vpcConfig"]).to.deep.include({
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
    });
    expect(eks().inputs).to.include({ version: "1.34" });
    cluster = await build();
  });

  it("logs everything that its control plane can log, for a limited time", () => {
    expect(eks().inputs["enabledClusterLogTypes"]).to.have.members([
      "api",
      "audit",
      "authenticator",
      "controllerManager",
      "scheduler",
    ]);
    const logs = only("aws:cloudwatch/logGroup:LogGroup");
    expect(logs.inputs).to.include({ name: "/aws/eks/shop-alternate/cluster", retentionInDays: 90 });
    expect(eks().dependencies).to.include(logs.urn);
  });

  it("encrypts its secrets with a rotated key of its own", () => {
    const key = only("aws:kms/key:Key");
    expect(key.inputs).to.include({ enableKeyRotation: true, deletionWindowInDays: 30 });
    expect(eks().inputs["encryptionConfig"]).to.deep.equal({
      provider: { keyArn: "arn:mock:aws:kms/key:Key:alternate" },
      resources: ["secrets"],
    });
  });

  it("waits for the permissions of its roles", () => {
    for (const { urn } of ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment"))
      expect(eks().dependencies).to.include(urn);
    expect(trustOf("alternate-control-plane")).to.deep.include({ Action: ["sts:AssumeRole", "sts:TagSession"] });
    expect(trustOf("alternate-nodes").Principal).to.deep.equal({ Service: "ec2.amazonaws.com" });
  });

  it("has the policies of Auto Mode, and nodes that only join and pull", () => {
    const attached = (part: string): string[] =>
      ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        .filter(({ name }) => name.startsWith(`alternate-${part}-`))
        .map(({ inputs }) => String(inputs["policyArn"]));
    expect(attached("nodes")).to.have.members([
      "arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
      "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
    ]);
    expect(attached("control-plane")).to.have.members(
      ["Cluster", "Compute", "BlockStorage", "LoadBalancing", "Networking"].map(
        (part) => `arn:aws:iam::aws:policy/AmazonEKS${part}Policy`,
      ),
    );
  });

  it("is protected, as its replacement would lose what it holds", async () => {
    expect(eks().protect).to.equal(true);
    await build({ protect: false });
    expect(eks().protect).to.equal(false);
    cluster = await build();
  });

  it("admits people by a break-glass role that needs a second factor and no other region", () => {
    const { inputs } = role("alternate-break-glass");
    expect(inputs).to.include({ name: "shop-alternate-break-glass" });
    expect(trustOf("alternate-break-glass")).to.deep.equal({
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { AWS: "arn:aws:iam::123456789012:root" },
      Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    });
    expect(JSON.stringify(made)).not.to.match(/eu-west-1|us-east-1/);
  });

  it("makes the break-glass role and the named administrators cluster administrators, by entries", async () => {
    const admin = "arn:aws:iam::123456789012:role/operations";
    await build({ admins: [admin] });
    const policy = only("aws:iam/rolePolicy:RolePolicy").inputs["policy"];
    expect(JSON.parse(String(policy)).Statement[0]).to.deep.include({ Action: "eks:DescribeCluster" });
    const admitted = ofType("aws:eks/accessPolicyAssociation:AccessPolicyAssociation").map(({ inputs }) => inputs);
    expect(admitted.map(({ principalArn }) => principalArn)).to.have.members([
      "arn:mock:aws:iam/role:Role:alternate-break-glass",
      admin,
    ]);
    for (const one of admitted) {
      expect(one).to.deep.include({ clusterName: "shop-alternate", accessScope: { type: "cluster" } });
      expect(one["policyArn"]).to.equal("arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy");
    }
    expect(ofType("aws:eks/accessEntry:AccessEntry")).to.have.length(2);
    expect(eks().inputs["accessConfig"]).to.include({ authenticationMode: "API" });
    cluster = await build();
  });

  it("has a kubeconfig without credentials, whose tokens come from its own region", async () => {
    const config = JSON.parse(await valueOf(cluster.kubeconfig));
    expect(config).to.have.property("current-context", "shop-alternate");
    expect(config.clusters[0].cluster).to.deep.equal({
      server: "https://shop-alternate.eks.example",
      "certificate-authority-data": "Q0E=",
    });
    const { exec } = config.users[0].user;
    expect(exec.args.join(" ")).to.contain("--cluster-name shop-alternate --region eu-central-1");
    expect(exec.env).to.deep.equal([{ name: "AWS_STS_REGIONAL_ENDPOINTS", value: "regional" }]);
  });

  it("is another cluster when it is created again", async () => {
    expect(await valueOf(cluster.identifier)).to.equal(
      "arn:mock:aws:eks/cluster:Cluster:alternate@2026-11-24T00:00:00Z",
    );
  });
});

describe("what a created cluster lacks", () => {
  before(async () => {
    await startMocks();
    new ClusterDefaults("primary");
    await settled();
  });

  it("is enforcement of network policies", () => {
    expect(only("kubernetes:core/v1:ConfigMap").inputs).to.deep.include({
      metadata: { name: "amazon-vpc-cni", namespace: "kube-system" },
      data: { "enable-network-policy-controller": "true" },
    });
  });

  it("is a storage class that encrypts, grows, keeps and follows the pod", () => {
    expect(only("kubernetes:storage.k8s.io/v1:StorageClass").inputs).to.deep.include({
      provisioner: "ebs.csi.eks.amazonaws.com",
      parameters: { type: "gp3", encrypted: "true" },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Retain",
    });
  });
});
