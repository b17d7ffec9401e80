/** Container images for the local stack: the database, VAPORA's services and the continuity jobs. Linux only. */
export { startFront } from "./surrealdb/front.ts";
export type { ExportFault, Front } from "./surrealdb/front.ts";
export { buildImages, imageFolder } from "./build.ts";
export { standInsOf } from "./stand-ins.ts";
