/** Resources in two regions, created and recorded ones. */
import * as pulumi from "@pulumi/pulumi";
import { Certificate } from "@pulumi/aws/acm/certificate.js";
import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { Provider } from "@pulumi/aws/provider.js";
import { HealthCheck } from "@pulumi/aws/route53/healthCheck.js";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import { Secret } from "@pulumi/aws/secretsmanager/secret.js";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion.js";
import { Topic } from "@pulumi/aws/sns/topic.js";

const config = new pulumi.Config();
const [west, central] = ["eu-west-1", "eu-central-1"] as const;
const regional = (region: typeof west | typeof central): pulumi.CustomResourceOptions => ({
  provider: new Provider(region, { region, defaultTags: { tags: { Application: "shop" } } }),
});
const inWest = regional(west);
const inCentral = regional(central);

// The SDK drops unknown properties at the top level, but passes nested ones.
const wrong = config.getBoolean("wrong") ? { mfaDelet: "Enabled" } : {};
const bucket = new Bucket("data", { objectLockEnabled: config.getBoolean("locked") ?? false }, inWest);
new BucketVersioning(
  "data",
  { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled", ...wrong } },
  inWest,
);
const policy = pulumi.jsonStringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: pulumi.interpolate`${bucket.arn}/*`,
      Principal: { AWS: getCallerIdentityOutput({}, inWest).accountId },
    },
  ],
});
new BucketPolicy("data", { bucket: bucket.bucket, policy }, inWest);

const topic = new Topic("alarms", { displayName: config.get("displayName") ?? "Alarms" }, inCentral);
const alarm = new MetricAlarm(
  "switch",
  {
    namespace: "Shop",
    metricName: "AlternateServesTraffic",
    statistic: "Maximum",
    period: 60,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0.5,
    alarmActions: [topic],
  },
  inCentral,
);
new HealthCheck(
  "switch",
  { type: "CLOUDWATCH_METRIC", cloudwatchAlarmName: alarm.name, cloudwatchAlarmRegion: central },
  inWest,
);
new Certificate("site", { domainName: "shop.example" }, inCentral);
const trust = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "s3.amazonaws.com" } }],
};
new Role("copy", { assumeRolePolicy: JSON.stringify(trust) }, inWest);

const secret = new Secret("keys", { replicas: [{ region: central }], recoveryWindowInDays: 0 }, inWest);
new SecretVersion("keys", { secretId: secret.id, secretString: config.requireSecret("key") }, inWest);

export const bucketName = bucket.bucket;
export const topicArn = topic.arn;
