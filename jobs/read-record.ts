/** One look at the writer record of a bucket. */
import type { PointStore } from "./points/store.ts";
import { WriterRecordError, type Writer } from "./points/writer.ts";
import { messageOf } from "./result.ts";

/** What one look into a bucket gave. */
export type Reading =
  | { bucket: string; writer: Writer | undefined }
  /** There is a record that is not obeyed: malformed, or from the future. */
  | { bucket: string; refused: string }
  | { bucket: string; unreachable: string };

export type GuardedBucket = Pick<PointStore, "bucket" | "writer">;

/** Reads the record of one bucket; never throws. */
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
