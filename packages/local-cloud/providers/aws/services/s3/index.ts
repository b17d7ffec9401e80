/** Buckets and their settings. */
import type { ResourceType } from "../../resource-type.ts";
import { bucket } from "./bucket.ts";
import { lifecycle } from "./lifecycle.ts";
import { protection } from "./protection.ts";
import { replication } from "./replication.ts";

export const s3Types: ResourceType[] = [bucket, ...protection, replication, lifecycle];
