/** Resource types that are created in AWS: each service's module lists its own. */
import type { ResourceType } from "../resource-type.ts";
import { s3Types } from "./s3/index.ts";

const services: ResourceType[][] = [s3Types];

export const realTypes: ReadonlyMap<string, ResourceType> = new Map(services.flat().map((type) => [type.token, type]));
