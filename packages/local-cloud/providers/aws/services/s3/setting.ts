/** Base of bucket settings: one call each to put, get and delete. */
import type { S3 } from "@aws-sdk/client-s3";
import { unlessAbsent } from "../../absent.ts";
import { s3 } from "../../clients.ts";
import { needed } from "../../inputs.ts";
import type { ResourceType } from "../../resource-type.ts";
import type { CheckFailure } from "../../../provider.ts";
import type { Properties } from "../../../values.ts";

/** Statuses of lifecycle and replication rules, and the most characters that their ids may have. */
export const statuses = ["Enabled", "Disabled"];
export const longestRuleId = 255;

export interface BucketSetting {
  token: string;
  defaults?: Properties;
  /** In addition to `bucket`. */
  immutable?: readonly string[];
  problems?: (inputs: Properties) => CheckFailure[];
  put(client: S3, bucket: string, inputs: Properties): Promise<unknown>;
  /** Undefined, or one of the errors in `absent`, if the setting does not exist. */
  get(client: S3, bucket: string, known: Properties): Promise<Properties | undefined>;
  remove(client: S3, bucket: string, state: Properties): Promise<unknown>;
  /** S3 error names for a missing setting. */
  absent: readonly string[];
  /** @default the bucket's name */
  id?(inputs: Properties): string;
}

export function bucketSetting(setting: BucketSetting): ResourceType {
  const { token, put, get, remove, id = (inputs) => needed(inputs, "bucket") } = setting;
  const absent = ["NoSuchBucket", ...setting.absent];
  return {
    token,
    immutable: ["bucket", "expectedBucketOwner", ...(setting.immutable ?? [])],
    defaults: setting.defaults,
    problems: setting.problems,
    async create(aws, inputs) {
      await put(await aws.client(s3), needed(inputs, "bucket"), inputs);
      return { id: id(inputs) };
    },
    async read(aws, ownId, known) {
      const bucket = String(known.bucket ?? ownId.split(/[:,]/)[0]);
      const found = await unlessAbsent(absent, get(await aws.client(s3), bucket, { ...known, id: ownId }));
      return found && { bucket, ...found };
    },
    async update(aws, _id, inputs) {
      await put(await aws.client(s3), needed(inputs, "bucket"), inputs);
    },
    async delete(aws, ownId, state) {
      await unlessAbsent(
        absent,
        remove(await aws.client(s3), String(state.bucket ?? ownId), state).then(() => true),
      );
    },
  };
}
