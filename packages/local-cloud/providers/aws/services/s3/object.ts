/** Objects that a program writes. */
import { readFile } from "node:fs/promises";
import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { unlessAbsent } from "../../absent.ts";
import type { Aws } from "../../access.ts";
import { s3 } from "../../clients.ts";
import { flag, fromTagList, needed, object, tagList, tagsOf, text } from "../../inputs.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { CheckFailure } from "../../../provider.ts";
import { defined, equal, type Properties } from "../../../values.ts";
import { deleteVersions } from "./versions.ts";

/** Texts that PutObject takes as they are. */
const headers = {
  cacheControl: "CacheControl",
  contentDisposition: "ContentDisposition",
  contentEncoding: "ContentEncoding",
  contentLanguage: "ContentLanguage",
  contentType: "ContentType",
  kmsKeyId: "SSEKMSKeyId",
  objectLockLegalHoldStatus: "ObjectLockLegalHoldStatus",
  objectLockMode: "ObjectLockMode",
  serverSideEncryption: "ServerSideEncryption",
  storageClass: "StorageClass",
  websiteRedirect: "WebsiteRedirectLocation",
  checksumAlgorithm: "ChecksumAlgorithm",
  acl: "ACL",
} as const;

const contents = ["content", "contentBase64", "source"] as const;

function problems(inputs: Properties): CheckFailure[] {
  const given = contents.filter((key) => inputs[key] !== undefined);
  const locks = ["objectLockMode", "objectLockRetainUntilDate"].filter((key) => inputs[key] !== undefined);
  return [
    ...(given.length > 1 ? [{ property: given[1] ?? "", reason: `conflicts with ${given[0]}; give one of them` }] : []),
    ...(locks.length === 1
      ? [{ property: locks[0] ?? "", reason: "needs both objectLockMode and objectLockRetainUntilDate" }]
      : []),
  ];
}

async function body(inputs: Properties): Promise<Buffer> {
  const base64 = text(inputs, "contentBase64");
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  const asset = object(inputs, "source");
  const path = text(asset, "path");
  if (path !== undefined) return readFile(path);
  if (asset && text(asset, "text") === undefined)
    throw new Error("source has to be a file or a text: nothing else is known here");
  return Buffer.from(text(asset, "text") ?? text(inputs, "content") ?? "");
}

async function put(aws: Aws, inputs: Properties): Promise<Properties> {
  const named = Object.entries(headers).flatMap(([key, header]) => {
    const value = text(inputs, key);
    return value === undefined ? [] : [[header, value]];
  });
  const until = text(inputs, "objectLockRetainUntilDate");
  const tags = tagsOf(inputs);
  const request = {
    ...Object.fromEntries(named),
    Bucket: needed(inputs, "bucket"),
    Key: needed(inputs, "key"),
    Body: await body(inputs),
    ...(until !== undefined && { ObjectLockRetainUntilDate: new Date(until) }),
    ...(inputs.metadata !== undefined && { Metadata: tagsOf(inputs, "metadata") }),
    ...(flag(inputs, "bucketKeyEnabled") !== undefined && { BucketKeyEnabled: flag(inputs, "bucketKeyEnabled") }),
    ...(Object.keys(tags).length > 0 && { Tagging: new URLSearchParams(tags).toString() }),
  } as PutObjectCommandInput;
  const { ETag, VersionId } = await (await aws.client(s3)).putObject(request);
  return {
    arn: `arn:aws:s3:::${request.Bucket}/${request.Key}`,
    etag: (ETag ?? "").replaceAll('"', ""),
    versionId: VersionId ?? "",
  };
}

async function read(aws: Aws, id: string, known: Properties): Promise<Properties | undefined> {
  const client = await aws.client(s3);
  const [Bucket, Key] = [
    text(known, "bucket") ?? id.split("/")[0],
    text(known, "key") ?? id.slice(id.indexOf("/") + 1),
  ];
  const found = await unlessAbsent(["NotFound", "NoSuchKey", "NoSuchBucket"], client.headObject({ Bucket, Key }));
  if (!found) return undefined;
  const { TagSet } = await client.getObjectTagging({ Bucket, Key });
  return defined({
    arn: `arn:aws:s3:::${Bucket}/${Key}`,
    bucket: Bucket,
    key: Key,
    etag: (found.ETag ?? "").replaceAll('"', ""),
    versionId: found.VersionId ?? "",
    contentType: found.ContentType,
    objectLockMode: found.ObjectLockMode,
    objectLockRetainUntilDate: found.ObjectLockRetainUntilDate?.toISOString(),
    objectLockLegalHoldStatus: found.ObjectLockLegalHoldStatus,
    tagsAll: fromTagList(TagSet),
    ...(known.etag === undefined || (found.ETag ?? "").includes(String(known.etag))
      ? {}
      : { content: "(changed outside of Pulumi)" }),
  });
}

const objectType = (token: string): ResourceType => ({
  token,
  immutable: ["bucket", "key"],
  naming: { property: "key", maxLength: 1024, plain: true },
  defaults: { forceDestroy: false },
  changing: ["etag", "versionId"],
  problems,
  async create(aws, inputs) {
    return { id: `${needed(inputs, "bucket")}/${needed(inputs, "key")}`, outputs: await put(aws, inputs) };
  },
  read,
  async update(aws, _id, inputs, before) {
    if (!onlyTagsDiffer(inputs, before)) return put(aws, inputs);
    await (
      await aws.client(s3)
    ).putObjectTagging({
      Bucket: needed(inputs, "bucket"),
      Key: needed(inputs, "key"),
      Tagging: { TagSet: tagList(tagsOf(inputs)) },
    });
  },
  async delete(aws, _id, state) {
    const [bucket, key] = [needed(state, "bucket"), needed(state, "key")];
    const bypassGovernance = flag(state, "forceDestroy") ?? false;
    const gone = deleteVersions(await aws.client(s3), { bucket, prefix: key, key, bypassGovernance });
    await unlessAbsent(["NoSuchBucket"], gone);
  },
});

/** A write makes another version, so what needs none gets none. */
const onlyTagsDiffer = (inputs: Properties, before: Properties): boolean =>
  Object.entries(inputs).every(
    ([key, value]) => /^(tags|tagsAll|forceDestroy)$/.test(key) || equal(value, before[key]),
  );

export const objectTypes: ResourceType[] = [
  objectType("aws:s3/bucketObject:BucketObject"),
  objectType("aws:s3/bucketObjectv2:BucketObjectv2"),
];
