/** IAM policies of a site's pods: no deletion, no configuration changes, one metric namespace, key prefixes by job kind. */
import * as pulumi from "@pulumi/pulumi";
import {
  accessKeysSecret,
  bucketArn,
  bucketKeys,
  metricNamespace,
  otherSite,
  partitionOf,
  recoveryPointBucket,
  regionOf,
  switchMetricNamespace,
  trafficSwitchAlarmArn,
  type JobKind,
  type SiteName,
  type Topology,
} from "../../../contract/index.ts";

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

/** Trust policy for EKS Pod Identity, restricted to clusters of this account. */
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

interface Rights {
  /** Key prefixes that the job reads in its own region's bucket and in the other region's; "" means all keys. */
  reads: Partial<Record<"own" | "other", readonly string[]>>;
  /** Keys that the job writes, as prefixes or full keys. */
  writes: Partial<Record<"own" | "other", readonly string[]>>;
  /** Whether the job reads the access keys: restores need them, and an export detects early that one is missing. */
  accessKeys: boolean;
}

const { fullPrefix, changesPrefix, standbyEvidencePrefix, restoreEvidencePrefix, writer } = bucketKeys;

/**
 * Separation of duties: jobs that write recovery points cannot write evidence for them, and vice versa, and only a
 * promotion writes the writer record. A faulty or compromised job cannot forge both a point and its verification.
 */
const rightsOf: Readonly<Record<JobKind, Rights>> = {
  export: { reads: { own: [""] }, writes: { own: [fullPrefix, changesPrefix] }, accessKeys: true },
  "standby-sync": { reads: { own: [""] }, writes: { own: [standbyEvidencePrefix] }, accessKeys: true },
  "restore-verify": { reads: { own: [""], other: [""] }, writes: { own: [restoreEvidencePrefix] }, accessKeys: true },
  promote: {
    reads: { own: [""] },
    // The last catch-up also verifies points. The command, not this job, writes the other region's writer record.
    writes: { own: [standbyEvidencePrefix, writer] },
    accessKeys: true,
  },
  watch: { reads: { own: [""] }, writes: {}, accessKeys: false },
  guard: { reads: { own: [writer], other: [writer] }, writes: {}, accessKeys: false },
  switch: { reads: { own: [writer], other: [writer] }, writes: {}, accessKeys: false },
};

/** Policy of one kind of continuity job. */
export const jobPermissions = (kind: JobKind, scope: Scope): pulumi.Output<string> =>
  document([
    ...bucketStatements("own", rightsOf[kind], scope, scope.site),
    ...bucketStatements("other", rightsOf[kind], scope, otherSite(scope.site)),
    publishMetrics(kind === "switch" ? switchMetricNamespace : metricNamespace),
    ...(kind === "switch" ? [readSwitch(scope)] : []),
    ...(rightsOf[kind].accessKeys ? readAccessKeys(scope) : []),
  ]);

/** PutMetricData has no resource-level permissions; restrict it by namespace. */
const publishMetrics = (namespace: string): Statement => ({
  Sid: "PublishMetrics",
  Effect: "Allow",
  Action: ["cloudwatch:PutMetricData"],
  Resource: "*",
  Condition: { StringEquals: { "cloudwatch:namespace": namespace } },
});

/** Where the switch is now. */
const readSwitch = ({ topology, accountId }: Scope): Statement => ({
  Sid: "ReadSwitch",
  Effect: "Allow",
  Action: ["cloudwatch:DescribeAlarms"],
  Resource: trafficSwitchAlarmArn(topology, accountId),
});

/** Policy of the first tier's services, which sign tokens with the access keys. */
export const servicesPermissions = (scope: Scope): pulumi.Output<string> =>
  document([...readAccessKeys(scope), useKey("DecryptAccessKeys", ["kms:Decrypt"], scope, scope.site)]);

const arnOf = (scope: Scope, site: SiteName): string =>
  bucketArn(partitionOf(scope.topology.primaryRegion), recoveryPointBucket(scope.topology, site));

const useKey = (sid: string, actions: string[], scope: Scope, site: SiteName): Statement => ({
  Sid: sid,
  Effect: "Allow",
  Action: actions,
  Resource: scope.keyArns[site],
});

function bucketStatements(whose: "own" | "other", rights: Rights, scope: Scope, site: SiteName): Statement[] {
  const [reads, writes] = [rights.reads[whose] ?? [], rights.writes[whose] ?? []];
  const bucket = arnOf(scope, site);
  const of = whose === "own" ? "OwnBucket" : "OtherBucket";
  const objects = (keys: readonly string[]) =>
    keys.map((key) => (key === "" || key.endsWith("/") ? `${bucket}/${key}*` : `${bucket}/${key}`));
  const allow = (sid: string, Action: string[], Resource: string | string[]): Statement[] =>
    Resource.length === 0 ? [] : [{ Sid: sid, Effect: "Allow", Action, Resource }];
  return [
    // Needed even to read single keys: without it, S3 returns 403 instead of 404 for a missing key.
    ...allow(`List${of}`, ["s3:ListBucket"], reads.length === 0 ? [] : bucket),
    // Jobs check the retention of what they wrote; HeadObject returns it only with GetObjectRetention.
    ...allow(`Read${of}`, ["s3:GetObject", "s3:GetObjectRetention"], objects(reads)),
    ...allow(`Write${of}`, ["s3:PutObject", "s3:AbortMultipartUpload"], objects(writes)),
    ...(reads.length === 0 ? [] : [useKey(`DecryptFrom${of}`, ["kms:Decrypt"], scope, site)]),
    ...(writes.length === 0 ? [] : [useKey(`EncryptIn${of}`, ["kms:GenerateDataKey"], scope, site)]),
  ];
}

function readAccessKeys(scope: Scope): Statement[] {
  const region = regionOf(scope.topology, scope.site);
  // Secrets Manager appends six characters to the name.
  const arn = `arn:${partitionOf(region)}:secretsmanager:${region}:${scope.accountId}:secret:${accessKeysSecret(scope.topology)}-??????`;
  return [{ Sid: "ReadAccessKeys", Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: arn }];
}
