/** Buckets; deleted with their objects only if forceDestroy is set. */
import type { S3 } from "@aws-sdk/client-s3";
import { unlessAbsent } from "../../absent.ts";
import type { Aws } from "../../access.ts";
import { s3 } from "../../clients.ts";
import { flag, fromTagList, needed, tagList, tagsOf, text } from "../../inputs.ts";
import { finish, type ResourceType } from "../../resource-type.ts";
import type { CheckFailure } from "../../../provider.ts";
import type { Properties } from "../../../values.ts";
import { deleteVersions } from "./versions.ts";

/** Deprecated settings of the bucket itself and their replacements. Rejected, as they would be ignored silently. */
const inline: Record<string, string> = {
  accelerationStatus: "BucketAccelerateConfiguration",
  acl: "BucketAcl",
  corsRules: "BucketCorsConfiguration",
  grants: "BucketAcl",
  lifecycleRules: "BucketLifecycleConfiguration",
  logging: "BucketLogging",
  objectLockConfiguration: "objectLockEnabled and BucketObjectLockConfiguration",
  policy: "BucketPolicy",
  replicationConfiguration: "BucketReplicationConfig",
  requestPayer: "BucketRequestPaymentConfiguration",
  serverSideEncryptionConfiguration: "BucketServerSideEncryptionConfiguration",
  versioning: "BucketVersioning",
  website: "BucketWebsiteConfiguration",
};

function problems(inputs: Properties): CheckFailure[] {
  const failures = Object.entries(inline)
    .filter(([property]) => inputs[property] !== undefined)
    .map(([property, instead]) => ({
      property,
      reason: `is deprecated and not supported by the local AWS provider; use ${instead}`,
    }));
  const name = text(inputs, "bucket");
  const reason = name === undefined ? undefined : nameProblem(name);
  return reason === undefined ? failures : [...failures, { property: "bucket", reason }];
}

/** The rules for names of general purpose buckets. */
function nameProblem(name: string): string | undefined {
  if (/[A-Z]/.test(name)) return `"${name}" has upper-case letters; bucket names must be lower-case`;
  if (name.length < 3 || name.length > 63)
    return `"${name}" has ${name.length} characters; a bucket name must have 3 to 63`;
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name))
    return `"${name}" must consist of lower-case letters, digits, dots and hyphens, and begin and end with a letter or digit`;
  if (name.includes("..") || /^\d+\.\d+\.\d+\.\d+$/.test(name))
    return `"${name}" has adjacent dots or looks like an IP address`;
  if (/^(xn--|sthree-|amzn-s3-demo-)/.test(name) || /(-s3alias|--ol-s3|\.mrap|--x-s3)$/.test(name))
    return `"${name}" has a prefix or suffix that S3 reserves`;
  return undefined;
}

const computed = (bucket: string, region: string): Properties => ({
  arn: `arn:aws:s3:::${bucket}`,
  bucket,
  bucketDomainName: `${bucket}.s3.amazonaws.com`,
  bucketRegion: region,
  bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
});

export const bucket: ResourceType = {
  token: "aws:s3/bucket:Bucket",
  immutable: ["bucket", "bucketPrefix", "bucketNamespace", "objectLockEnabled"],
  naming: { property: "bucket", prefixProperty: "bucketPrefix", maxLength: 63, lowerCase: true },
  defaults: { forceDestroy: false, objectLockEnabled: false, requestPayer: "BucketOwner" },
  problems,
  async create(aws, inputs) {
    const client = await aws.client(s3);
    const name = needed(inputs, "bucket");
    await client.createBucket({
      Bucket: name,
      ObjectLockEnabledForBucket: flag(inputs, "objectLockEnabled"),
      ...(aws.region === "us-east-1"
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: aws.region as "eu-west-1" } }),
    });
    return finish({ id: name, outputs: computed(name, aws.region) }, () => tag(client, name, inputs));
  },
  async read(aws, id) {
    const client = await aws.client(s3);
    if (!(await unlessAbsent(["NotFound", "NoSuchBucket"], client.headBucket({ Bucket: id })))) return undefined;
    const [tags, lock] = await Promise.all([
      unlessAbsent(["NoSuchTagSet"], client.getBucketTagging({ Bucket: id })),
      unlessAbsent(["ObjectLockConfigurationNotFoundError"], client.getObjectLockConfiguration({ Bucket: id })),
    ]);
    return {
      ...computed(id, aws.region),
      tagsAll: fromTagList(tags?.TagSet),
      objectLockEnabled: lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled",
    };
  },
  async update(aws, id, inputs) {
    await tag(await aws.client(s3), id, inputs);
  },
  async delete(aws, id, state) {
    await unlessAbsent(["NoSuchBucket"], remove(aws, id, flag(state, "forceDestroy") ?? false));
  },
};

async function tag(client: S3, bucket: string, inputs: Properties): Promise<void> {
  const tags = tagList(tagsOf(inputs));
  if (tags.length > 0) await client.putBucketTagging({ Bucket: bucket, Tagging: { TagSet: tags } });
  else await unlessAbsent(["NoSuchTagSet"], client.deleteBucketTagging({ Bucket: bucket }));
}

async function remove(aws: Aws, id: string, forceDestroy: boolean): Promise<void> {
  const client = await aws.client(s3);
  try {
    await client.deleteBucket({ Bucket: id });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "BucketNotEmpty") throw error;
    if (!forceDestroy) {
      error.message += `; ${id} is not empty, and forceDestroy is not set`;
      throw error;
    }
    await deleteVersions(client, { bucket: id, bypassGovernance: true });
    await client.deleteBucket({ Bucket: id });
  }
}
