/** The policy documents of a site's pods: no deletion, no change of any setting, one metric namespace. */
import * as pulumi from "@pulumi/pulumi";
import {
  accessKeysSecret,
  metricNamespace,
  otherSite,
  recoveryPointBucket,
  regionOf,
  type SiteName,
  type Topology,
} from "../../plan/names.ts";
import { bucketArn, partitionOf } from "../support/aws-names.ts";

interface Scope {
  topology: Topology;
  accountId: string;
  site: SiteName;
  keyArns: Record<SiteName, pulumi.Input<string>>;
}

interface Statement {
  Sid: string;
  Effect: "Allow";
  Action: string[];
  Resource: pulumi.Input<string> | pulumi.Input<string>[];
  Condition?: object;
}

const document = (statements: Statement[]): pulumi.Output<string> =>
  pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });

/** EKS Pod Identity takes the role for a pod; other accounts' clusters cannot. */
export const podsOfThisAccount = (accountId: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: { StringEquals: { "aws:SourceAccount": accountId } },
      },
    ],
  });

/** Continuity jobs: write recovery points and evidence at home, read both copies, publish metrics. */
export const jobsPermissions = (scope: Scope): pulumi.Output<string> =>
  document([
    ...readBucket("Own", scope, scope.site),
    ...readBucket("Other", scope, otherSite(scope.site)),
    {
      Sid: "WriteOwnBucket",
      Effect: "Allow",
      Action: ["s3:PutObject", "s3:PutObjectRetention", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
      Resource: `${arnOf(scope, scope.site)}/*`,
    },
    {
      Sid: "EncryptAtHome",
      Effect: "Allow",
      Action: ["kms:GenerateDataKey"],
      Resource: scope.keyArns[scope.site],
    },
    {
      Sid: "PublishMetrics",
      Effect: "Allow",
      Action: ["cloudwatch:PutMetricData"],
      // The call knows no resource; its namespace is the only limit there is.
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": metricNamespace } },
    },
    ...readAccessKeys(scope),
  ]);

/** Services of the first tier: the authentication service signs with the access keys. */
export const servicesPermissions = (scope: Scope): pulumi.Output<string> =>
  document([...readAccessKeys(scope), decrypt("DecryptAccessKeys", scope, scope.site)]);

const arnOf = (scope: Scope, site: SiteName): string =>
  bucketArn(partitionOf(scope.topology.primaryRegion), recoveryPointBucket(scope.topology, site));

const decrypt = (sid: string, scope: Scope, site: SiteName): Statement => ({
  Sid: sid,
  Effect: "Allow",
  Action: ["kms:Decrypt"],
  Resource: scope.keyArns[site],
});

function readBucket(whose: "Own" | "Other", scope: Scope, site: SiteName): Statement[] {
  const arn = arnOf(scope, site);
  return [
    {
      Sid: `List${whose}Bucket`,
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:GetBucketObjectLockConfiguration"],
      Resource: arn,
    },
    {
      Sid: `Read${whose}Bucket`,
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"],
      Resource: `${arn}/*`,
    },
    decrypt(`DecryptFrom${whose}Bucket`, scope, site),
  ];
}

function readAccessKeys(scope: Scope): Statement[] {
  const region = regionOf(scope.topology, scope.site);
  // Secrets Manager appends six characters to the name.
  const arn = `arn:${partitionOf(region)}:secretsmanager:${region}:${scope.accountId}:secret:${accessKeysSecret(scope.topology)}-??????`;
  return [{ Sid: "ReadAccessKeys", Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: arn }];
}
