/** Synchronizes later changes of tags, retention and legal hold between a version and its replica. */
import {
  DeleteObjectTaggingCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { VersionName } from "./replication-record.ts";

export type MetadataKind = "tags" | "retention" | "legal-hold";

export interface VersionAt extends VersionName {
  client: S3Client;
}

const addressOf = ({ bucket, key, versionId }: VersionName): { Bucket: string; Key: string; VersionId: string } => ({
  Bucket: bucket,
  Key: key,
  VersionId: versionId,
});

/** Copies one kind of metadata from `from` to `to`. */
export async function syncMetadata(kind: MetadataKind, from: VersionAt, to: VersionAt): Promise<void> {
  if (kind === "tags") return syncTags(from, to);
  const head = await from.client.send(new HeadObjectCommand(addressOf(from)));
  if (kind === "legal-hold") {
    const LegalHold = { Status: head.ObjectLockLegalHoldStatus ?? "OFF" } as const;
    await to.client.send(new PutObjectLegalHoldCommand({ ...addressOf(to), LegalHold }));
    return;
  }
  const { ObjectLockMode: Mode, ObjectLockRetainUntilDate: RetainUntilDate } = head;
  if (!Mode || !RetainUntilDate) return;
  const Retention = { Mode, RetainUntilDate };
  // Shortening a governance retention was already authorized at the source.
  const command = new PutObjectRetentionCommand({ ...addressOf(to), Retention, BypassGovernanceRetention: true });
  await to.client.send(command);
}

async function syncTags(from: VersionAt, to: VersionAt): Promise<void> {
  const { TagSet = [] } = await from.client.send(new GetObjectTaggingCommand(addressOf(from)));
  if (TagSet.length === 0) await to.client.send(new DeleteObjectTaggingCommand(addressOf(to)));
  else await to.client.send(new PutObjectTaggingCommand({ ...addressOf(to), Tagging: { TagSet } }));
}
