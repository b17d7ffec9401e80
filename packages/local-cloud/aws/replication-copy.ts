/** Copies one object version with its lock and tags to another region, and verifies the copy. */
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type {
  CompletedPart,
  CreateMultipartUploadCommandInput,
  GetObjectCommandOutput,
  HeadObjectCommandOutput,
  PutObjectCommandInput,
  S3Client,
  StorageClass,
} from "@aws-sdk/client-s3";
import { CopyRefused, isPassing } from "./replication-errors.ts";
import type { Rule } from "./replication-rules.ts";
import type { VersionName } from "./replication-record.ts";

export interface CopyOrder {
  from: S3Client;
  to: S3Client;
  source: VersionName;
  rule: Rule;
  signal: AbortSignal;
}

/** Objects encrypted with a KMS key are replicated only by rules that select them. */
export const isKmsEncrypted = ({ ServerSideEncryption }: HeadObjectCommandOutput): boolean =>
  ServerSideEncryption?.startsWith("aws:kms") ?? false;

export function headVersion(
  client: S3Client,
  version: VersionName,
  signal: AbortSignal,
): Promise<HeadObjectCommandOutput> {
  return client.send(new HeadObjectCommand({ ...addressOf(version), ChecksumMode: "ENABLED" }), {
    abortSignal: signal,
  });
}

const addressOf = ({ bucket, key, versionId }: VersionName): { Bucket: string; Key: string; VersionId: string } => ({
  Bucket: bucket,
  Key: key,
  VersionId: versionId,
});

export async function tagsOf(
  client: S3Client,
  version: VersionName,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const { TagSet = [] } = await client.send(new GetObjectTaggingCommand(addressOf(version)), { abortSignal: signal });
  return Object.fromEntries(TagSet.map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

/** Creates the replica and returns its address. @throws CopyRefused if size, ETag or checksums differ from the source's */
export async function copyVersion(order: CopyOrder, head: HeadObjectCommandOutput): Promise<VersionName> {
  const tags = await tagsOf(order.from, order.source, order.signal); // HeadObject need not report a tag count
  const kept = keptWith(order, head, tags);
  const parts = Number(/-(\d+)"?$/.exec(head.ETag ?? "")?.[1] ?? 0);
  const versionId = parts > 0 ? await copyParts(order, head, kept, parts) : await copyWhole(order, head, kept);
  if (versionId === undefined) throw new CopyRefused(`destination ${order.rule.destination} is not versioned`);
  const replica = { bucket: order.rule.destination, key: order.source.key, versionId };
  const differing = differences(head, await headVersion(order.to, replica, order.signal));
  if (differing.length > 0) throw new CopyRefused(`the replica differs in ${differing.join(", ")}`);
  return replica;
}

type Kept = Omit<CreateMultipartUploadCommandInput, "ChecksumAlgorithm">;

/** Metadata that a replica takes over. */
function keptWith({ source, rule }: CopyOrder, head: HeadObjectCommandOutput, tags: Record<string, string>): Kept {
  const encryption = isKmsEncrypted(head)
    ? { ServerSideEncryption: head.ServerSideEncryption, SSEKMSKeyId: rule.replicaKmsKey }
    : {};
  return {
    Bucket: rule.destination,
    Key: source.key,
    Metadata: head.Metadata,
    ContentType: head.ContentType,
    ContentEncoding: head.ContentEncoding,
    ContentDisposition: head.ContentDisposition,
    ContentLanguage: head.ContentLanguage,
    CacheControl: head.CacheControl,
    Expires: head.ExpiresString === undefined ? undefined : new Date(head.ExpiresString),
    WebsiteRedirectLocation: head.WebsiteRedirectLocation,
    StorageClass: (rule.storageClass ?? head.StorageClass) as StorageClass | undefined,
    ObjectLockMode: head.ObjectLockMode,
    ObjectLockRetainUntilDate: head.ObjectLockRetainUntilDate,
    ObjectLockLegalHoldStatus: head.ObjectLockLegalHoldStatus,
    Tagging: Object.keys(tags).length > 0 ? new URLSearchParams(tags).toString() : undefined,
    ...encryption,
  };
}

const checksums = ["ChecksumCRC64NVME", "ChecksumCRC32", "ChecksumCRC32C", "ChecksumSHA1", "ChecksumSHA256"] as const;

/**
 * Streams a body into another request. If that fails, the body must be destroyed: an error on its connection later would
 * be unhandled and end the process.
 */
async function passOn<T>(
  { Body, ContentLength }: GetObjectCommandOutput,
  send: (body: Pick<PutObjectCommandInput, "Body" | "ContentLength">) => Promise<T>,
): Promise<T> {
  if (!(Body instanceof Readable) || ContentLength === undefined)
    throw new Error("the response of the source has no body");
  Body.on("error", () => undefined); // reported by the request that reads it
  try {
    return await send({ Body, ContentLength });
  } finally {
    Body.destroy();
  }
}

/** Sends the source's checksum, so that the destination rejects other content. */
async function copyWhole(
  { from, to, source, signal }: CopyOrder,
  head: HeadObjectCommandOutput,
  kept: Kept,
): Promise<string | undefined> {
  const known = checksums.find((name) => head[name] !== undefined);
  const read = await from.send(new GetObjectCommand(addressOf(source)), { abortSignal: signal });
  const expected = known ? { [known]: head[known] } : {};
  const { VersionId } = await passOn(read, (body) =>
    to.send(new PutObjectCommand({ ...kept, ...expected, ...body }), { abortSignal: signal }),
  );
  return VersionId;
}

/** Equal parts result in the same ETag and the same composite checksum. */
async function copyParts(
  { from, to, source, signal }: CopyOrder,
  head: HeadObjectCommandOutput,
  kept: Kept,
  parts: number,
): Promise<string | undefined> {
  const algorithm = checksums.find((name) => head[name] !== undefined)?.replace("Checksum", "");
  const { Bucket, Key } = kept;
  const ChecksumAlgorithm = algorithm as CreateMultipartUploadCommandInput["ChecksumAlgorithm"];
  const create = new CreateMultipartUploadCommand({ ...kept, ChecksumAlgorithm });
  const { UploadId } = await to.send(create, { abortSignal: signal });
  try {
    const Parts: CompletedPart[] = [];
    for (let PartNumber = 1; PartNumber <= parts; PartNumber++) {
      const get = new GetObjectCommand({ ...addressOf(source), PartNumber });
      const read = await from.send(get, { abortSignal: signal });
      const part = { Bucket, Key, UploadId, PartNumber, ChecksumAlgorithm };
      const { ETag } = await passOn(read, (body) =>
        to.send(new UploadPartCommand({ ...part, ...body }), { abortSignal: signal }),
      );
      Parts.push({ PartNumber, ETag });
    }
    const complete = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    return (await to.send(complete, { abortSignal: signal })).VersionId;
  } catch (error) {
    // No cleanup request to a region that is unreachable.
    if (!isPassing(error))
      await to.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);
    throw error;
  }
}

/** Names of the content attributes (size, ETag, checksums) in which two versions differ. */
export function differences(source: HeadObjectCommandOutput, replica: HeadObjectCommandOutput): string[] {
  const proofs = ["ContentLength", "ETag", ...checksums] as const;
  return proofs.filter((name) => source[name] !== undefined && source[name] !== replica[name]);
}
