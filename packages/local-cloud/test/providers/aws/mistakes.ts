/** Inputs that AWS refuses late or never, and that the official provider refuses before any call. */
import { unknown, type Json, type Properties } from "../../../providers/values.ts";
import type { Mistake } from "../contract/resource-contract.ts";

/** The ordinary inputs with another value at a path such as `rules.0.status`. */
function changed(good: Json, path: string[], value: Json): Json {
  const [key = "", ...rest] = path;
  if (Array.isArray(good)) return good.map((item, index) => (String(index) === key ? next(item) : item));
  const object = typeof good === "object" && good !== null ? good : {};
  return { ...object, [key]: next(object[key] ?? {}) };

  function next(inner: Json): Json {
    return rest.length === 0 ? value : changed(inner, rest, value);
  }
}

/** A wrong value at a path; `property` is the path in the message. */
const wrong = (path: string, value: Json): Mistake => ({
  property: path.replace(/\.(\d+)/g, "[$1]"),
  inputs: (good) => changed(good, path.split("."), value) as Properties,
});

const long = (length: number): string => "x".repeat(length);
const notArns: [string, string][] = [
  ["without its parts", "topic"],
  ["without an account", "arn:aws:sns:eu-west-1:1234:topic"],
  ["of no region", "arn:aws:sns:europe:123456789012:topic"],
  ["of no resource", "arn:aws:sns:eu-west-1:123456789012:"],
];
const wrongArns = (path: string, list = false): Mistake[] =>
  notArns.map(([, arn]) => wrong(path, list ? [unknown, arn] : arn));
const wrongPolicies = (path: string): Mistake[] =>
  ["{", "[]", '"text"', '{"Version":"2012-10-17"}'].map((policy) => wrong(path, policy));

export const mistakes: Readonly<Record<string, Mistake[]>> = {
  "aws:s3/bucket:Bucket": [wrong("bucket", "Upper-Case")],
  "aws:s3/bucketVersioning:BucketVersioning": [wrong("versioningConfiguration.status", "On")],
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": [
    wrong("rule.defaultRetention.mode", "STRICT"),
    wrong("rule.defaultRetention.days", 0),
  ],
  "aws:s3/bucketPolicy:BucketPolicy": wrongPolicies("policy"),
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": [
    ...wrongArns("role"),
    wrong("rules.0.id", long(256)),
    wrong("rules.0.status", "On"),
    ...wrongArns("rules.0.destination.bucket"),
    wrong("rules.0.destination.storageClass", "COLD"),
  ],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": [
    wrong("rules.0.id", long(256)),
    wrong("rules.0.status", "enabled"),
    wrong("rules.0.expiration.days", 0),
    wrong("rules.0.noncurrentVersionExpiration.noncurrentDays", 0),
    wrong("rules.0.transitions.0.storageClass", "STANDARD"),
  ],
  "aws:kms/key:Key": [
    ...wrongPolicies("policy"),
    wrong("deletionWindowInDays", 6),
    wrong("deletionWindowInDays", 31),
    wrong("rotationPeriodInDays", 89),
  ],
  "aws:kms/replicaKey:ReplicaKey": [...wrongArns("primaryKeyArn"), wrong("deletionWindowInDays", 1)],
  "aws:sns/topic:Topic": wrongPolicies("policy"),
  "aws:sns/topicPolicy:TopicPolicy": [...wrongArns("arn"), ...wrongPolicies("policy")],
  "aws:sns/topicSubscription:TopicSubscription": [wrong("protocol", "pager"), ...wrongArns("topic")],
  "aws:sqs/queue:Queue": wrongPolicies("policy"),
  "aws:cloudwatch/metricAlarm:MetricAlarm": [
    ...wrongArns("alarmActions", true),
    ...wrongArns("okActions", true),
    ...wrongArns("insufficientDataActions", true),
    wrong("evaluationPeriods", 0),
    wrong("datapointsToAlarm", 0),
    wrong("comparisonOperator", "Above"),
    wrong("treatMissingData", "bad"),
    wrong("statistic", "Median"),
  ],
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": wrongArns("alarmActions", true),
  "aws:secretsmanager/secret:Secret": [
    wrong("name", "case keys"),
    wrong("name", long(513)),
    ...wrongPolicies("policy"),
    wrong("recoveryWindowInDays", 6),
  ],
  "aws:iam/role:Role": [
    ...wrongPolicies("assumeRolePolicy"),
    wrong("description", long(1001)),
    wrong("maxSessionDuration", 3599),
    wrong("name", long(65)),
    ...wrongArns("permissionsBoundary"),
  ],
  "aws:iam/rolePolicy:RolePolicy": wrongPolicies("policy"),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": wrongArns("policyArn"),
  "aws:route53/zone:Zone": [wrong("comment", long(257))],
  "aws:route53/record:Record": [
    wrong("type", "CNAMES"),
    wrong("failoverRoutingPolicies.0.type", "BACKUP"),
    wrong("records", ["a.example", "b.example"]),
  ],
  "aws:route53/healthCheck:HealthCheck": [
    wrong("type", "PING"),
    wrong("insufficientDataHealthStatus", "Unknown"),
    wrong("resourcePath", `/${long(255)}`),
    wrong("fqdn", long(256)),
    wrong("failureThreshold", 11),
    wrong("requestInterval", 60),
    wrong("regions", ["eu-west-1", "us-east-1"]),
    wrong("regions", ["eu-west-1", "us-east-1", "eu-central-1"]),
  ],
  "aws:eks/cluster:Cluster": [
    wrong("name", "-shop"),
    ...wrongArns("roleArn"),
    ...wrongArns("encryptionConfig.provider.keyArn"),
    wrong("accessConfig.authenticationMode", "IAM"),
    wrong("enabledClusterLogTypes", ["api", "kubelet"]),
    wrong("storageConfig.blockStorage.enabled", false),
    wrong("bootstrapSelfManagedAddons", true),
    { property: "vpcConfig.endpointPrivateAccess", inputs: (good) => publicOff(good) },
  ],
  "aws:eks/accessEntry:AccessEntry": [...wrongArns("principalArn"), wrong("type", "ADMIN")],
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": [
    ...wrongArns("principalArn"),
    ...wrongArns("policyArn"),
    wrong("accessScope.type", "node"),
  ],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": wrongArns("roleArn"),
  "aws:ec2/vpc:Vpc": [
    wrong("cidrBlock", "10.1.0.0"),
    wrong("cidrBlock", "10.1.0.1/16"),
    { property: "cidrBlock", inputs: (good) => ({ ...good, cidrBlock: "10.0.0.0/15" }) },
  ],
  "aws:ec2/subnet:Subnet": [wrong("cidrBlock", "10.0.0.256/24")],
  "aws:ec2/route:Route": [
    { property: "gatewayId", inputs: (good) => ({ ...good, natGatewayId: "nat-1" }) },
    { property: "gatewayId", inputs: ({ gatewayId: _, ...good }) => good },
  ],
  "aws:ec2/routeTable:RouteTable": [wrong("routes", [])],
};

const publicOff = (good: Properties): Properties =>
  changed(
    changed(good, ["vpcConfig", "endpointPublicAccess"], false),
    ["vpcConfig", "endpointPrivateAccess"],
    false,
  ) as Properties;
