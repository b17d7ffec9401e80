/** Versioning, Object Lock, encryption and access settings of buckets. */
import type {
  ObjectLockRetentionMode,
  ObjectOwnership,
  PublicAccessBlockConfiguration,
  S3,
  ServerSideEncryptionRule,
  VersioningConfiguration,
} from "@aws-sdk/client-s3";
import { document, flag, fromSdk, needed, number, object, objects, text, toSdk } from "../../inputs.ts";
import type { ResourceType } from "../../resource-type.ts";
import { bounds, oneOf, policies } from "../../rules.ts";
import type { CheckFailure } from "../../../provider.ts";
import type { Properties } from "../../../values.ts";
import { bucketSetting } from "./setting.ts";

const versioning = bucketSetting({
  token: "aws:s3/bucketVersioning:BucketVersioning",
  absent: [],
  problems: (inputs) =>
    oneOf(
      object(inputs, "versioningConfiguration"),
      "status",
      ["Enabled", "Suspended", "Disabled"],
      "versioningConfiguration",
    ),
  async put(client, bucket, inputs) {
    const wanted = object(inputs, "versioningConfiguration");
    const Status = needed(wanted ?? {}, "status");
    if (Status === "Disabled") return; // the state of a new bucket, which cannot be set
    const MFADelete = text(wanted, "mfaDelete");
    const VersioningConfiguration = { Status, MFADelete } as VersioningConfiguration;
    const MFA = text(inputs, "mfa");
    await client.putBucketVersioning({ Bucket: bucket, VersioningConfiguration, MFA });
  },
  async get(client, bucket) {
    const { Status, MFADelete } = await client.getBucketVersioning({ Bucket: bucket });
    const status = Status ?? "Disabled";
    return { versioningConfiguration: { status, ...(MFADelete && { mfaDelete: MFADelete }) } };
  },
  async remove(client, bucket, state) {
    if (text(object(state, "versioningConfiguration"), "status") === "Disabled") return;
    await suspend(client, bucket);
  },
});

/** Versioning cannot be suspended with Object Lock; ignored, as in the official provider. */
async function suspend(client: S3, bucket: string): Promise<void> {
  try {
    await client.putBucketVersioning({ Bucket: bucket, VersioningConfiguration: { Status: "Suspended" } });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "InvalidBucketState") throw error;
  }
}

const objectLock = bucketSetting({
  token: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
  absent: ["ObjectLockConfigurationNotFoundError"],
  immutable: ["objectLockEnabled"],
  defaults: { objectLockEnabled: "Enabled" },
  problems: lockProblems,
  async put(client, bucket, inputs) {
    const retention = object(object(inputs, "rule"), "defaultRetention");
    const Mode = text(retention, "mode") as ObjectLockRetentionMode | undefined;
    const rule = { DefaultRetention: { Mode, Days: number(retention, "days"), Years: number(retention, "years") } };
    await client.putObjectLockConfiguration({
      Bucket: bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: retention && rule },
    });
  },
  async get(client, bucket) {
    const { ObjectLockConfiguration: found } = await client.getObjectLockConfiguration({ Bucket: bucket });
    const rule = found?.Rule && (fromSdk(found.Rule) as Properties);
    return { objectLockEnabled: found?.ObjectLockEnabled ?? "Enabled", ...(rule && { rule }) };
  },
  // Object Lock cannot be disabled; only its default retention is removed.
  remove: (client, bucket) =>
    client.putObjectLockConfiguration({ Bucket: bucket, ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" } }),
});

function lockProblems(inputs: Properties): CheckFailure[] {
  const retention = object(object(inputs, "rule"), "defaultRetention");
  if (!retention) return [];
  const path = "rule.defaultRetention";
  const periods = ["days", "years"].filter((key) => retention[key] !== undefined);
  return [
    ...oneOf(retention, "mode", ["COMPLIANCE", "GOVERNANCE"], path),
    ...(periods.length === 1 ? [] : [{ property: path, reason: "requires either days or years" }]),
    ...periods.flatMap((key) => bounds(retention, key, { least: 1 }, path)),
  ];
}

const sseNames = { names: { sseAlgorithm: "SSEAlgorithm", kmsMasterKeyId: "KMSMasterKeyID" } };

const encryption = bucketSetting({
  token: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  absent: ["ServerSideEncryptionConfigurationNotFoundError"],
  problems: (inputs) =>
    objects(inputs, "rules").flatMap((rule, index) => {
      const path = `rules[${index}].applyServerSideEncryptionByDefault`;
      const wanted = object(rule, "applyServerSideEncryptionByDefault");
      const algorithm = text(wanted, "sseAlgorithm");
      const keyless = algorithm === "AES256" && wanted?.kmsMasterKeyId !== undefined;
      return [
        ...oneOf(wanted, "sseAlgorithm", ["AES256", "aws:kms", "aws:kms:dsse"], path),
        ...(keyless ? [{ property: `${path}.kmsMasterKeyId`, reason: "requires aws:kms or aws:kms:dsse" }] : []),
      ];
    }),
  put: (client, bucket, inputs) =>
    client.putBucketEncryption({
      Bucket: bucket,
      ServerSideEncryptionConfiguration: {
        Rules: toSdk(objects(inputs, "rules"), sseNames) as ServerSideEncryptionRule[],
      },
    }),
  async get(client, bucket) {
    const found = await client.getBucketEncryption({ Bucket: bucket });
    return { rules: fromSdk(found.ServerSideEncryptionConfiguration?.Rules ?? [], sseNames) };
  },
  remove: (client, bucket) => client.deleteBucketEncryption({ Bucket: bucket }),
});

const blocks = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;

const publicAccess = bucketSetting({
  token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  absent: ["NoSuchPublicAccessBlockConfiguration"],
  defaults: Object.fromEntries(blocks.map((key) => [key, false])),
  put: (client, bucket, inputs) =>
    client.putPublicAccessBlock({
      Bucket: bucket,
      PublicAccessBlockConfiguration: toSdk(
        Object.fromEntries(blocks.map((key) => [key, flag(inputs, key) ?? false])),
      ) as PublicAccessBlockConfiguration,
    }),
  async get(client, bucket) {
    const { PublicAccessBlockConfiguration: found } = await client.getPublicAccessBlock({ Bucket: bucket });
    return fromSdk(found ?? {}) as Properties;
  },
  remove: (client, bucket) => client.deletePublicAccessBlock({ Bucket: bucket }),
});

const policy = bucketSetting({
  token: "aws:s3/bucketPolicy:BucketPolicy",
  absent: ["NoSuchBucketPolicy"],
  problems: (inputs) => policies(inputs, "policy"),
  put: (client, bucket, inputs) => client.putBucketPolicy({ Bucket: bucket, Policy: document(inputs, "policy") }),
  async get(client, bucket) {
    const { Policy } = await client.getBucketPolicy({ Bucket: bucket });
    return { policy: Policy ?? "" };
  },
  remove: (client, bucket) => client.deleteBucketPolicy({ Bucket: bucket }),
});

const ownership = bucketSetting({
  token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  absent: ["OwnershipControlsNotFoundError"],
  problems: (inputs) =>
    oneOf(
      object(inputs, "rule"),
      "objectOwnership",
      ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"],
      "rule",
    ),
  put: (client, bucket, inputs) => {
    const ObjectOwnership = needed(object(inputs, "rule") ?? {}, "objectOwnership") as ObjectOwnership;
    return client.putBucketOwnershipControls({ Bucket: bucket, OwnershipControls: { Rules: [{ ObjectOwnership }] } });
  },
  async get(client, bucket) {
    const { OwnershipControls: found } = await client.getBucketOwnershipControls({ Bucket: bucket });
    return { rule: { objectOwnership: found?.Rules?.[0]?.ObjectOwnership ?? "" } };
  },
  remove: (client, bucket) => client.deleteBucketOwnershipControls({ Bucket: bucket }),
});

export const protection: ResourceType[] = [versioning, objectLock, encryption, publicAccess, policy, ownership];
