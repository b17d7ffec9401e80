/** Container images for the local stack: the database, VAPORA's services and the continuity jobs. Linux only. */
export { startFront, exportFaults, isExportFault } from "./surrealdb/front.ts";
export type { ExportFault, Faults, Front, FrontOptions } from "./surrealdb/front.ts";
export { buildImages, imageFolder } from "./build.ts";
export type { BuildOptions } from "./build.ts";
