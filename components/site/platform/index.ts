export { Platform, type PlatformArgs } from "./platform.ts";
export { priorityClasses } from "./priority-classes.ts";
