import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { bucketKeys, recoveryPointBucket } from "../../contract/index.ts";
import type { StackSettings } from "../stacks.ts";
import type { FailoverResult } from "./result.ts";

/** Stores the record of a failover with the recovery points; the bucket's lock makes it immutable. Returns its key. */
export async function keepEvidence(s3: S3Client, settings: StackSettings, result: FailoverResult): Promise<string> {
  const key = `${bucketKeys.failoverEvidencePrefix}${new Date(result.startedAt).toISOString().replaceAll(":", "")}.json`;
  await s3.send(
    new PutObjectCommand({
      Bucket: recoveryPointBucket(settings.topology, settings.site),
      Key: key,
      Body: JSON.stringify(result, undefined, 2),
      ContentType: "application/json",
    }),
    { abortSignal: AbortSignal.timeout(10_000) },
  );
  return key;
}
