/** Zones, records and health checks, through the global control plane. */
import type { ResourceType } from "../../resource-type.ts";
import { healthCheck } from "./health-check.ts";
import { record } from "./record.ts";
import { zone } from "./zone.ts";

export { findZone, zoneIdByName } from "./names.ts";

export const route53Types: ResourceType[] = [zone, record, healthCheck];
