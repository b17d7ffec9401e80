/** A resource of each type that is created in the emulator. */
import type { Properties } from "../../../providers/values.ts";
import type { ResourceCase } from "../contract/resource-contract.ts";
import { controlPlaneCases } from "./control-plane-cases.ts";
import type { Fixtures } from "./fixtures.ts";
import { networkCases } from "./network-cases.ts";
import { mistakes } from "./mistakes.ts";

type Case = ResourceCase<Fixtures>;

export const account = "123456789012";
export const allow = (action: string, resource: string, principal?: Properties): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: action, Resource: resource, ...(principal && { Principal: principal }) }],
  });
export const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "scheduler.amazonaws.com" } }],
});

const machine = (seconds: number): string =>
  JSON.stringify({ StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: seconds, End: true } } });

const farKey = ({ key }: Pick<Fixtures, "key">): string =>
  (key.outputs.arn as string).replace("eu-west-1", "eu-central-1");

const replicationRule = (fixtures: Fixtures, changes: Properties = {}): Properties => ({
  id: "everything",
  priority: 0,
  status: "Enabled",
  filter: {},
  deleteMarkerReplication: { status: "Disabled" },
  sourceSelectionCriteria: {
    replicaModifications: { status: "Enabled" },
    sseKmsEncryptedObjects: { status: "Enabled" },
  },
  destination: {
    bucket: `arn:aws:s3:::${fixtures.farBucket}`,
    storageClass: "STANDARD_IA",
    encryptionConfiguration: { replicaKmsKeyId: farKey(fixtures) },
    metrics: { status: "Enabled", eventThreshold: { minutes: 15 } },
    replicationTime: { status: "Enabled", time: { minutes: 15 } },
  },
  ...changes,
});

export const alarm = (changes: Properties = {}): Properties => ({
  name: "late",
  alarmDescription: "too late",
  namespace: "Shop",
  metricName: "Age",
  dimensions: { Application: "shop" },
  statistic: "Maximum",
  period: 60,
  evaluationPeriods: 5,
  datapointsToAlarm: 3,
  comparisonOperator: "GreaterThanThreshold",
  threshold: 3600,
  treatMissingData: "breaching",
  ...changes,
});

const s3: Case[] = [
  {
    type: "aws:s3/bucket:Bucket",
    computed: ["arn"],
    exclusive: true,
    replaced: () => ({ bucket: "case-bucket", objectLockEnabled: true }),
    inputs: () => ({ bucket: "case-bucket", tags: { Purpose: "test", Kept: "yes" } }),
    changed: () => ({ bucket: "case-bucket", tags: { Purpose: "changed" }, forceDestroy: true }),
    outputs: () => ({
      arn: "arn:aws:s3:::case-bucket",
      bucketDomainName: "case-bucket.s3.amazonaws.com",
      bucketRegionalDomainName: "case-bucket.s3.eu-west-1.amazonaws.com",
      region: "eu-west-1",
    }),
  },
  {
    type: "aws:s3/bucketVersioning:BucketVersioning",
    computed: [],
    inputs: ({ plainBucket }) => ({ bucket: plainBucket, versioningConfiguration: { status: "Enabled" } }),
    changed: ({ plainBucket }) => ({ bucket: plainBucket, versioningConfiguration: { status: "Suspended" } }),
    staysReadable: true,
  },
  {
    type: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    computed: [],
    inputs: ({ bucket }) => ({ bucket, rule: { defaultRetention: { mode: "GOVERNANCE", days: 35 } } }),
    changed: ({ bucket }) => ({ bucket, rule: { defaultRetention: { mode: "COMPLIANCE", days: 36 } } }),
    staysReadable: true,
  },
  {
    type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    computed: [],
    inputs: ({ bucket }) => ({
      bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    }),
    changed: ({ bucket, key }) => ({
      bucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.outputs.arn as string },
          bucketKeyEnabled: true,
        },
      ],
    }),
    staysReadable: true,
  },
  {
    type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    computed: [],
    inputs: ({ bucket }) => ({ bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true }),
    changed: ({ bucket }) => ({ bucket, blockPublicAcls: true, restrictPublicBuckets: true }),
    outputs: ({ bucket }) => ({ bucket, restrictPublicBuckets: false }),
  },
  {
    type: "aws:s3/bucketPolicy:BucketPolicy",
    computed: [],
    inputs: ({ bucket }) => ({
      bucket,
      policy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "s3:GetObject",
            Resource: `arn:aws:s3:::${bucket}/*`,
            Principal: { AWS: account },
          },
        ],
      },
    }),
    changed: ({ bucket }) => ({ bucket, policy: allow("s3:ListBucket", `arn:aws:s3:::${bucket}`, { AWS: account }) }),
  },
  {
    type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    computed: [],
    inputs: ({ bucket }) => ({ bucket, rule: { objectOwnership: "BucketOwnerPreferred" } }),
    changed: ({ bucket }) => ({ bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }),
  },
  {
    type: "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    computed: [],
    inputs: (fixtures) => ({ bucket: fixtures.bucket, role: fixtures.role, rules: [replicationRule(fixtures)] }),
    changed: (fixtures) => ({
      bucket: fixtures.bucket,
      role: fixtures.role,
      rules: [
        replicationRule(fixtures, { id: "points", filter: { prefix: "points/" }, status: "Disabled" }),
        replicationRule(fixtures, { id: "tagged", priority: 1, filter: { and: { prefix: "x/", tags: { a: "b" } } } }),
      ],
    }),
  },
  {
    type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    computed: [],
    inputs: ({ bucket }) => ({
      bucket,
      rules: [
        {
          id: "points",
          status: "Enabled",
          filter: { prefix: "points/" },
          expiration: { days: 36 },
          noncurrentVersionExpiration: { noncurrentDays: 1 },
          transitions: [{ days: 30, storageClass: "STANDARD_IA" }],
        },
        { id: "all", status: "Enabled", filter: { prefix: "" }, expiration: { days: 90 } },
        { id: "uploads", status: "Enabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
      ],
    }),
    changed: ({ bucket }) => ({
      bucket,
      rules: [{ id: "points", status: "Disabled", filter: { prefix: "points/" }, expiration: { days: 90 } }],
    }),
  },
];

const others: Case[] = [
  {
    type: "aws:kms/key:Key",
    computed: ["arn", "keyId"],
    replaced: () => ({ description: "points" }),
    inputs: () => ({
      description: "points",
      multiRegion: true,
      enableKeyRotation: true,
      deletionWindowInDays: 7,
      policy: allow("kms:*", "*", { AWS: `arn:aws:iam::${account}:root` }),
      tags: { a: "b" },
    }),
    changed: () => ({ description: "changed", multiRegion: true, isEnabled: false, tags: { c: "d" } }),
  },
  {
    type: "aws:kms/replicaKey:ReplicaKey",
    computed: ["arn", "keyId"],
    inputs: ({ key }) => ({ primaryKeyArn: key.outputs.arn as string, description: "copy", deletionWindowInDays: 30 }),
    changed: ({ key }) => ({
      primaryKeyArn: key.outputs.arn as string,
      description: "changed",
      deletionWindowInDays: 7,
    }),
    outputs: ({ key }) => ({
      keyId: key.id,
      arn: (key.outputs.arn as string).replace("eu-west-1", "eu-central-1"),
      region: "eu-central-1",
    }),
    far: true,
  },
  {
    type: "aws:sns/topic:Topic",
    computed: ["arn", "owner"],
    inputs: () => ({ name: "alarms", displayName: "Alarms", tags: { a: "b" } }),
    changed: () => ({ name: "alarms", tags: { a: "c" } }),
    outputs: () => ({ arn: `arn:aws:sns:eu-west-1:${account}:alarms`, owner: account }),
  },
  {
    type: "aws:sns/topicPolicy:TopicPolicy",
    computed: ["owner"],
    inputs: ({ topic }) => ({
      arn: topic,
      policy: allow("sns:Publish", topic, { Service: "cloudwatch.amazonaws.com" }),
    }),
    changed: ({ topic }) => ({ arn: topic, policy: allow("sns:Publish", topic, { Service: "events.amazonaws.com" }) }),
    staysReadable: true,
  },
  {
    type: "aws:sns/topicSubscription:TopicSubscription",
    computed: ["arn"],
    inputs: ({ topic, queue }) => ({ topic, protocol: "sqs", endpoint: queue }),
    changed: ({ topic, queue }) => ({
      topic,
      protocol: "sqs",
      endpoint: queue,
      rawMessageDelivery: true,
      filterPolicy: JSON.stringify({ severity: ["1"] }),
    }),
    outputs: () => ({ pendingConfirmation: false, ownerId: account }),
  },
  {
    type: "aws:sqs/queue:Queue",
    computed: ["arn", "url"],
    inputs: () => ({ name: "case", visibilityTimeoutSeconds: 60, tags: { a: "b" } }),
    changed: () => ({ name: "case", messageRetentionSeconds: 3600, tags: { a: "c" } }),
    outputs: () => ({ arn: `arn:aws:sqs:eu-west-1:${account}:case`, messageRetentionSeconds: 345600 }),
  },
  {
    type: "aws:ssm/parameter:Parameter",
    computed: ["arn", "version"],
    exclusive: true,
    secret: { input: "value", output: "value" },
    inputs: () => ({ name: "/case/one", type: "String", value: "1", tags: { a: "b" } }),
    changed: () => ({ name: "/case/one", type: "String", value: "2" }),
    outputs: () => ({ arn: `arn:aws:ssm:eu-west-1:${account}:parameter/case/one`, version: 1 }),
  },
  {
    type: "aws:sfn/stateMachine:StateMachine",
    computed: ["arn"],
    inputs: ({ role }) => ({ name: "escalate", roleArn: role, definition: machine(1), tags: { a: "b" } }),
    changed: ({ role }) => ({ name: "escalate", roleArn: role, definition: machine(2) }),
    outputs: () => ({ arn: `arn:aws:states:eu-west-1:${account}:stateMachine:escalate`, type: "STANDARD" }),
  },
  {
    type: "aws:scheduler/scheduleGroup:ScheduleGroup",
    computed: ["arn"],
    exclusive: true,
    inputs: () => ({ name: "calendar", tags: { a: "b" } }),
    changed: () => ({ name: "calendar", tags: { c: "d" } }),
    outputs: () => ({ arn: `arn:aws:scheduler:eu-west-1:${account}:schedule-group/calendar` }),
  },
  {
    type: "aws:scheduler/schedule:Schedule",
    computed: ["arn"],
    exclusive: true,
    inputs: ({ topic, role }) => ({
      name: "monthly",
      scheduleExpression: "cron(0 6 1 * ? *)",
      flexibleTimeWindow: { mode: "OFF" },
      target: { arn: topic, roleArn: role, input: "{}", retryPolicy: { maximumRetryAttempts: 3 } },
    }),
    changed: ({ topic, role }) => ({
      name: "monthly",
      scheduleExpression: "rate(30 days)",
      scheduleExpressionTimezone: "Europe/Berlin",
      flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: 5 },
      state: "DISABLED",
      target: { arn: topic, roleArn: role },
    }),
    outputs: () => ({ arn: `arn:aws:scheduler:eu-west-1:${account}:schedule/default/monthly`, groupName: "default" }),
  },
  {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    computed: ["arn"],
    inputs: ({ topic }) => alarm({ alarmActions: [topic], tags: { a: "b" } }),
    changed: ({ topic }) => alarm({ threshold: 60, okActions: [topic], treatMissingData: "ignore" }),
    outputs: () => ({ arn: `arn:aws:cloudwatch:eu-west-1:${account}:alarm:late` }),
  },
  {
    type: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    computed: ["arn"],
    inputs: () => ({ alarmName: "both", alarmRule: 'ALARM("fixtures") OR ALARM("fixtures")' }),
    changed: () => ({ alarmName: "both", alarmRule: 'NOT ALARM("fixtures")', alarmDescription: "changed" }),
  },
  {
    type: "aws:secretsmanager/secret:Secret",
    computed: ["arn"],
    exclusive: true,
    inputs: ({ key }) => ({
      name: "case/keys",
      description: "keys",
      kmsKeyId: key.outputs.arn as string,
      replicas: [{ region: "eu-central-1", kmsKeyId: farKey({ key }) }],
      recoveryWindowInDays: 30,
      tags: { a: "b" },
    }),
    changed: ({ key }) => ({
      name: "case/keys",
      description: "changed",
      replicas: [{ region: "eu-central-1", kmsKeyId: farKey({ key }) }],
      recoveryWindowInDays: 0,
    }),
  },
  {
    type: "aws:secretsmanager/secretVersion:SecretVersion",
    computed: ["versionId"],
    replaced: ({ secret }) => ({ secretId: secret, secretString: "other" }),
    secret: { input: "secretString", output: "secretString" },
    inputs: ({ secret }) => ({ secretId: secret, secretString: '{"account":"key"}' }),
    outputs: ({ secret }) => ({ secretArn: secret, versionStages: ["AWSCURRENT"] }),
    staysReadable: true,
  },
  {
    type: "aws:iam/role:Role",
    computed: ["arn", "uniqueId"],
    exclusive: true,
    invalid: [{ inputs: () => ({ name: "case-role" }), property: "assumeRolePolicy" }],
    inputs: () => ({ name: "case-role", assumeRolePolicy: trust, tags: { a: "b" } }),
    changed: () => ({
      name: "case-role",
      assumeRolePolicy: trust.replace("scheduler", "events"),
      description: "changed",
      maxSessionDuration: 7200,
    }),
    outputs: () => ({ arn: `arn:aws:iam::${account}:role/case-role` }),
  },
  {
    type: "aws:iam/rolePolicy:RolePolicy",
    computed: [],
    inputs: () => ({ name: "case", role: "fixtures", policy: allow("s3:GetObject", "*") }),
    changed: () => ({ name: "case", role: "fixtures", policy: allow("s3:PutObject", "*") }),
  },
  {
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    computed: [],
    inputs: () => ({ role: "fixtures", policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
  },
];

export const cases: Case[] = [...s3, ...others, ...controlPlaneCases, ...networkCases].map((one) => ({
  ...one,
  invalid: [...(one.invalid ?? []), ...(mistakes[one.type] ?? [])],
}));
