/** Deletes all versions and delete markers of a bucket. */
import type { ListObjectVersionsCommandOutput, S3 } from "@aws-sdk/client-s3";

export interface VersionsToDelete {
  bucket: string;
  /** Whether to bypass governance retention; compliance retention cannot be bypassed. */
  bypassGovernance: boolean;
}

/** @throws the error of S3 for the first version that cannot be deleted */
export async function deleteVersions(client: S3, { bucket, bypassGovernance }: VersionsToDelete): Promise<void> {
  let more: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (more) {
    const page: ListObjectVersionsCommandOutput = await client.listObjectVersions({
      Bucket: bucket,
      ...more,
    });
    for (const { Key = "", VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
      await client.deleteObject({
        Bucket: bucket,
        Key,
        VersionId,
        BypassGovernanceRetention: bypassGovernance || undefined,
      });
    }
    more = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
}
