/** Zones, records, health checks, clusters and access to them. */
import type { Properties } from "../../../providers/values.ts";
import type { ResourceCase } from "../contract/resource-contract.ts";
import type { Fixtures } from "./fixtures.ts";

type Case = ResourceCase<Fixtures>;

const failover = (zoneId: string, changes: Properties = {}): Properties => ({
  zoneId,
  name: "api.shop.example",
  type: "CNAME",
  ttl: 60,
  records: ["api.primary.shop.example"],
  setIdentifier: "primary",
  failoverRoutingPolicies: [{ type: "PRIMARY" }],
  ...changes,
});

const endpoint = (changes: Properties = {}): Properties => ({
  type: "HTTPS_STR_MATCH",
  fqdn: "api.shop.example",
  resourcePath: "/v1/status",
  searchString: "ready",
  requestInterval: 10,
  failureThreshold: 3,
  regions: ["us-east-1", "eu-west-1", "ap-southeast-1"],
  tags: { a: "b" },
  ...changes,
});

const route53: Case[] = [
  {
    type: "aws:route53/zone:Zone",
    computed: ["arn", "zoneId", "nameServers"],
    inputs: () => ({ name: "case.example", tags: { a: "b" } }),
    changed: () => ({ name: "case.example", comment: "changed", tags: { c: "d" } }),
    replaced: () => ({ name: "other.example" }),
    outputs: () => ({ comment: "Managed by Pulumi" }),
  },
  {
    type: "aws:route53/record:Record",
    computed: ["fqdn"],
    exclusive: true,
    inputs: ({ zone }) => failover(zone),
    changed: ({ zone }) => failover(zone, { ttl: 30, records: ["api.alternate.shop.example"] }),
    replaced: ({ zone }) => failover(zone, { name: "other.shop.example" }),
    outputs: () => ({ fqdn: "api.shop.example" }),
  },
  {
    type: "aws:route53/healthCheck:HealthCheck",
    computed: ["arn"],
    inputs: () => endpoint(),
    changed: () => endpoint({ resourcePath: "/v2", failureThreshold: 2, invertHealthcheck: true, tags: { c: "d" } }),
    replaced: () => ({ type: "CALCULATED", childHealthchecks: ["a"], childHealthThreshold: 1 }),
  },
];

const cluster = ({ role, key, subnets }: Fixtures, changes: Properties = {}): Properties => ({
  name: "case",
  roleArn: role,
  version: "1.33",
  accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
  bootstrapSelfManagedAddons: false,
  computeConfig: { enabled: true, nodePools: ["general-purpose", "system"], nodeRoleArn: role },
  kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true }, ipFamily: "ipv4" },
  storageConfig: { blockStorage: { enabled: true } },
  enabledClusterLogTypes: ["api", "audit"],
  encryptionConfig: { provider: { keyArn: key.outputs.arn as string }, resources: ["secrets"] },
  vpcConfig: { subnetIds: subnets, endpointPrivateAccess: true, endpointPublicAccess: true },
  tags: { a: "b" },
  ...changes,
});

const principal = "arn:aws:iam::123456789012:role/break-glass";

const eks: Case[] = [
  {
    type: "aws:eks/cluster:Cluster",
    computed: ["arn", "endpoint", "certificateAuthority", "status"],
    exclusive: true,
    inputs: (fixtures) => cluster(fixtures),
    changed: (fixtures) =>
      cluster(fixtures, {
        enabledClusterLogTypes: ["api", "audit", "scheduler"],
        vpcConfig: { subnetIds: fixtures.subnets, endpointPrivateAccess: true, endpointPublicAccess: false },
        version: "1.34",
        tags: { c: "d" },
      }),
    replaced: (fixtures) => cluster(fixtures, { name: "other" }),
    outputs: () => ({ arn: "arn:aws:eks:eu-west-1:123456789012:cluster/case", status: "ACTIVE" }),
  },
  {
    type: "aws:eks/accessEntry:AccessEntry",
    computed: ["accessEntryArn"],
    exclusive: true,
    inputs: ({ cluster: clusterName }) => ({ clusterName, principalArn: principal, tags: { a: "b" } }),
    changed: ({ cluster: clusterName }) => ({ clusterName, principalArn: principal, kubernetesGroups: ["readers"] }),
    replaced: ({ cluster: clusterName }) => ({ clusterName, principalArn: `${principal}-2` }),
  },
  {
    type: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    computed: ["associatedAt"],
    inputs: ({ cluster: clusterName, role }) => ({
      clusterName,
      principalArn: role,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "cluster" },
    }),
    replaced: ({ cluster: clusterName, role }) => ({
      clusterName,
      principalArn: role,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "namespace", namespaces: ["shop"] },
    }),
  },
  {
    type: "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    computed: ["associationArn", "associationId"],
    exclusive: true,
    notImportable: true, // an import names the cluster, too
    inputs: ({ cluster: clusterName, role }) => ({
      clusterName,
      namespace: "shop",
      serviceAccount: "export",
      roleArn: role,
    }),
    changed: ({ cluster: clusterName, otherRole }) => ({
      clusterName,
      namespace: "shop",
      serviceAccount: "export",
      roleArn: otherRole,
    }),
    replaced: ({ cluster: clusterName, role }) => ({
      clusterName,
      namespace: "other",
      serviceAccount: "export",
      roleArn: role,
    }),
  },
];

export const controlPlaneCases: Case[] = [...route53, ...eks];
