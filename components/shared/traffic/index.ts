export { Traffic } from "./traffic.ts";
export type { TrafficArgs } from "./arguments.ts";
