/** Objects in buckets. */
import { s3 } from "../clients.ts";
import { text } from "../inputs.ts";
import type { FunctionKind } from "./function-kind.ts";

/** Content types whose body the official provider returns as text. */
const readable = /^(text\/|application\/(json|xml|x-sql|x-yaml|yaml)\b)/;

const object: FunctionKind = {
  token: "aws:s3/getObject:getObject",
  arguments: ["bucket", "key", "region"],
  outputs: ["body", "bucket", "contentLength", "contentType", "etag", "id", "key", "region", "versionId"],
  async run({ aws, config }, args) {
    const [bucket, key] = [text(args, "bucket"), text(args, "key")];
    if (bucket === undefined || key === undefined) throw new Error("bucket and key are required");
    const region = text(args, "region") ?? text(config, "region") ?? "";
    const client = await aws().client(s3, region);
    try {
      const found = await client.getObject({ Bucket: bucket, Key: key });
      const contentType = found.ContentType ?? "";
      return {
        body: readable.test(contentType) ? ((await found.Body?.transformToString()) ?? "") : "",
        bucket,
        contentLength: found.ContentLength ?? 0,
        contentType,
        etag: (found.ETag ?? "").replaceAll('"', ""),
        id: `${bucket}/${key}`,
        key,
        region,
        versionId: found.VersionId ?? "",
      };
    } catch (error) {
      if (!["NoSuchKey", "NoSuchBucket"].includes((error as Error).name)) throw error;
      throw new Error(`reading S3 Bucket (${bucket}) Object (${key}): couldn't find resource`, { cause: error });
    }
  },
};

export const objects: FunctionKind[] = [object];
