/**
 * Determines the S3 operation of a path-style request. Unknown operations are never forwarded: the emulator treats a
 * DELETE of an unknown bucket setting as a DELETE of the bucket.
 */
import type { IncomingHttpHeaders } from "node:http";

export interface S3Operation {
  /** As in the API reference, e.g. `PutObject`. */
  name: string;
  bucket: string;
  key: string;
  /** False for what the emulator does not implement or would misread: the gateway answers 501. */
  implemented: boolean;
}

export interface S3Request {
  method: string;
  /** Still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

type Names = Partial<Record<string, string>>;

const changeable = (thing: string): Names => ({ GET: `Get${thing}`, PUT: `Put${thing}`, DELETE: `Delete${thing}` });
const replaceable = (thing: string): Names => ({ GET: `Get${thing}`, PUT: `Put${thing}` });

const bucketSettings: Record<string, Names> = {
  accelerate: replaceable("BucketAccelerateConfiguration"),
  acl: replaceable("BucketAcl"),
  cors: changeable("BucketCors"),
  delete: { POST: "DeleteObjects" },
  encryption: changeable("BucketEncryption"),
  lifecycle: { ...changeable("BucketLifecycleConfiguration"), DELETE: "DeleteBucketLifecycle" },
  location: { GET: "GetBucketLocation" },
  logging: replaceable("BucketLogging"),
  notification: replaceable("BucketNotificationConfiguration"),
  "object-lock": replaceable("ObjectLockConfiguration"),
  ownershipControls: changeable("BucketOwnershipControls"),
  policy: changeable("BucketPolicy"),
  publicAccessBlock: changeable("PublicAccessBlock"),
  replication: changeable("BucketReplication"),
  tagging: changeable("BucketTagging"),
  uploads: { GET: "ListMultipartUploads" },
  versioning: replaceable("BucketVersioning"),
  versions: { GET: "ListObjectVersions" },
  website: changeable("BucketWebsite"),
};

const objectSettings: Record<string, Names> = {
  acl: replaceable("ObjectAcl"),
  attributes: { GET: "GetObjectAttributes" },
  "legal-hold": replaceable("ObjectLegalHold"),
  restore: { POST: "RestoreObject" },
  retention: replaceable("ObjectRetention"),
  tagging: changeable("ObjectTagging"),
  uploads: { POST: "CreateMultipartUpload" },
};

/** Query parameters that do not select an operation. */
const qualifier =
  /^(x-id|x-amz-.*|response-.*|versionId|partNumber|list-type|prefix|delimiter|marker|max-.*|continuation-token|start-after|encoding-type|fetch-owner|.*-marker|bucket-region|id)$/i;

export function s3Operation(request: S3Request): S3Operation {
  const [, bucket = "", ...rest] = request.path.split("/");
  const at = { bucket: decoded(bucket), key: decoded(rest.join("/")) };
  const settings = [...request.query.keys()].filter((name) => !qualifier.test(name));
  const nothing = `${request.method}?${settings.join("&")}`;
  const named = (name: string | undefined): S3Operation => ({
    ...at,
    name: name ?? nothing,
    implemented: name !== undefined,
  });
  if (settings.length > 1) return named(undefined);
  const [setting] = settings;
  if (setting === undefined) return named(at.bucket === "" ? serviceName(request) : plainName(request, at));
  return named(at.key === "" ? bucketSettings[setting]?.[request.method] : objectSettingName(request, setting));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const serviceName = ({ method }: S3Request): string | undefined => (method === "GET" ? "ListBuckets" : undefined);

/** No parameters but the SDK's own: a request with any other must never create or delete a bucket. */
const isBare = (query: URLSearchParams): boolean => [...query.keys()].every((name) => /^x-(id|amz-.*)$/i.test(name));

function plainName({ method, query, headers }: S3Request, { key }: { key: string }): string | undefined {
  if (key === "") {
    if (method !== "GET" && !isBare(query)) return undefined;
    if (method === "GET") return query.get("list-type") === "2" ? "ListObjectsV2" : "ListObjects";
    if (method === "POST") return "PostObject";
    return { HEAD: "HeadBucket", PUT: "CreateBucket", DELETE: "DeleteBucket" }[method];
  }
  if (method === "PUT") return "x-amz-copy-source" in headers ? "CopyObject" : "PutObject";
  return { GET: "GetObject", HEAD: "HeadObject", DELETE: "DeleteObject" }[method];
}

function objectSettingName({ method, query, headers }: S3Request, setting: string): string | undefined {
  if (setting !== "uploadId") return objectSettings[setting]?.[method];
  if (method === "PUT" && query.has("partNumber"))
    return "x-amz-copy-source" in headers ? "UploadPartCopy" : "UploadPart";
  return { GET: "ListParts", POST: "CompleteMultipartUpload", DELETE: "AbortMultipartUpload" }[method];
}
