/** Deletes objects for good: every version and delete marker of them. */
import type { ListObjectVersionsCommandOutput, S3 } from "@aws-sdk/client-s3";

export interface VersionsToDelete {
  bucket: string;
  /** Whether a lock in governance mode may be overruled. One in compliance mode never is. */
  bypassGovernance: boolean;
}

/** Fails with what S3 says of the first version that it keeps. */
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
