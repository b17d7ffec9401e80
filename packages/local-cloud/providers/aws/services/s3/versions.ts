/** Deletes objects for good: every version and delete marker of them. */
import type { ListObjectVersionsCommandOutput, S3 } from "@aws-sdk/client-s3";

export interface VersionsToDelete {
  bucket: string;
  prefix: string;
  /** Only this key, not others that begin with it. */
  key?: string;
  /** Whether a lock in governance mode may be overruled. One in compliance mode never is. */
  bypassGovernance: boolean;
}

/** Fails with what S3 says of the first version that it keeps. */
export async function deleteVersions(
  client: S3,
  { bucket, prefix, key, bypassGovernance }: VersionsToDelete,
): Promise<void> {
  let more: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (more) {
    const page: ListObjectVersionsCommandOutput = await client.listObjectVersions({
      Bucket: bucket,
      Prefix: prefix,
      ...more,
    });
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    const wanted = found.filter((version) => key === undefined || version.Key === key);
    for (const { Key = "", VersionId } of wanted) {
      await client.deleteObject({
        Bucket: bucket,
        Key,
        ...(VersionId && { VersionId }),
        ...(bypassGovernance && { BypassGovernanceRetention: true }),
      });
    }
    more = page.IsTruncated
      ? {
          ...(page.NextKeyMarker && { KeyMarker: page.NextKeyMarker }),
          ...(page.NextVersionIdMarker && { VersionIdMarker: page.NextVersionIdMarker }),
        }
      : undefined;
  }
}
