/** Buckets, their settings and objects. */
import type { ResourceType } from "../../resource-type.ts";
import { bucket } from "./bucket.ts";
import { lifecycle } from "./lifecycle.ts";
import { objectTypes } from "./object.ts";
import { protection } from "./protection.ts";
import { replication } from "./replication.ts";
import { reports } from "./reports.ts";

export const s3Types: ResourceType[] = [bucket, ...protection, replication, lifecycle, ...reports, ...objectTypes];
