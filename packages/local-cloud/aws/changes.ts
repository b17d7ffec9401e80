/** The changes by successful S3 requests that replication and the gateway act on. */
import type { IncomingHttpHeaders } from "node:http";
import type { S3Operation } from "./s3-operations.ts";

export type ObjectChange =
  | { kind: "created"; bucket: string; key: string; versionId: string }
  | { kind: "deleted"; bucket: string; key: string }
  | { kind: "tags" | "retention" | "legal-hold"; bucket: string; key: string; versionId: string | undefined };

export type Change = ObjectChange | { kind: "bucket-settings"; bucket: string };

const created = new Set(["PutObject", "CompleteMultipartUpload", "CopyObject"]);

const metadata: Record<string, "tags" | "retention" | "legal-hold"> = {
  PutObjectTagging: "tags",
  DeleteObjectTagging: "tags",
  PutObjectRetention: "retention",
  PutObjectLegalHold: "legal-hold",
};

/** Derives the change from a request and the headers of its successful response. */
export function changeOf(
  { name, bucket, key }: S3Operation,
  query: URLSearchParams,
  answer: IncomingHttpHeaders,
): Change | undefined {
  const answered = answer["x-amz-version-id"];
  const versionId = query.get("versionId") ?? (typeof answered === "string" ? answered : undefined);
  if (key === "") return /^(Put|Delete|Create)/.test(name) ? { kind: "bucket-settings", bucket } : undefined;
  if (created.has(name)) return versionId === undefined ? undefined : { kind: "created", bucket, key, versionId };
  if (name === "DeleteObject")
    return answer["x-amz-delete-marker"] === "true" && !query.has("versionId")
      ? { kind: "deleted", bucket, key }
      : undefined;
  const kind = metadata[name];
  return kind && { kind, bucket, key, versionId };
}
