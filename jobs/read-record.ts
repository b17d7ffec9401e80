/** Reads the writer record of a bucket. */
import type { PointStore } from "./points/store.ts";
import { WriterRecordError, type Writer } from "./points/writer.ts";
import { messageOf } from "./result.ts";

/** Outcome of reading one bucket. */
export type Reading =
  | { bucket: string; writer: Writer | undefined }
  /** The record is invalid or dated in the future, and is ignored. */
  | { bucket: string; refused: string }
  | { bucket: string; unreachable: string };

export type GuardedBucket = Pick<PointStore, "bucket" | "writer">;

/** Never throws. */
export async function readRecord(store: GuardedBucket): Promise<Reading> {
  const { bucket } = store;
  try {
    return { bucket, writer: await store.writer() };
  } catch (error) {
    return error instanceof WriterRecordError
      ? { bucket, refused: messageOf(error) }
      : { bucket, unreachable: messageOf(error) };
  }
}
