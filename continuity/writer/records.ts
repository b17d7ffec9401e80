/** Reads the writer records of both regions, valid or not; an unreachable region is a result too. */
import { S3Client } from "@aws-sdk/client-s3";
import {
  objectsIn,
  readWriter,
  WriterRecordError,
  type Condition,
  type ConditionalObjects,
  type ReadableObjects,
  type Writer,
} from "../../jobs/index.ts";
import { bucketKeys, recoveryPointBucket, regionOf, type SiteName, type Topology } from "../../contract/index.ts";
import { messageOf } from "../cannot-run.ts";
import type { AwsAccess } from "../failover/index.ts";

export type Objects = ReadableObjects & ConditionalObjects;

export interface RecordView {
  /** Site in whose region the bucket is. */
  region: SiteName;
  bucket: string;
  answers: boolean;
  /** Undefined: missing or invalid. */
  writer: Writer | undefined;
  /** Text of an invalid record. */
  unreadable: string | undefined;
  /** Why the region is unreachable or the record invalid. */
  problem: string | undefined;
  /** The object as read, for a conditional write. */
  condition: Condition;
}

const bucketSeconds = 10;

/** Opens both buckets of a service; the caller closes them. */
export function openBuckets(topology: Topology, aws: AwsAccess = {}): { of: Record<SiteName, Objects>; close(): void } {
  const clients: S3Client[] = [];
  const open = (site: SiteName): Objects => {
    const client = new S3Client({ region: regionOf(topology, site), maxAttempts: 2, ...aws });
    clients.push(client);
    return objectsIn(client, recoveryPointBucket(topology, site), bucketSeconds);
  };
  const of = { primary: open("primary"), alternate: open("alternate") };
  return { of, close: () => clients.forEach((client) => client.destroy()) };
}

export async function viewRecord(region: SiteName, objects: ConditionalObjects): Promise<RecordView> {
  const { bucket } = objects;
  const none = { region, bucket, answers: true, writer: undefined, unreadable: undefined, problem: undefined };
  try {
    const seen = await readWriter(objects);
    return { ...none, writer: seen?.writer, condition: seen ? { ifMatch: seen.etag } : { ifNoneMatch: "*" } };
  } catch (error) {
    if (!(error instanceof WriterRecordError)) {
      return {
        ...none,
        answers: false,
        problem: `is unreachable: ${messageOf(error)}`,
        condition: { ifNoneMatch: "*" },
      };
    }
    const unreadable = (await objects.read(bucketKeys.writer).catch(() => undefined))?.text;
    return { ...none, unreadable, problem: error.message, condition: { ifMatch: error.etag ?? "" } };
  }
}

/** The epoch of an invalid record, as far as it can be parsed. */
export function epochIn(text: string | undefined): number[] {
  try {
    const epoch = Number((JSON.parse(text ?? "") as { epoch?: unknown } | null)?.epoch);
    return Number.isInteger(epoch) ? [epoch] : [];
  } catch {
    return [];
  }
}
