export { databaseServer } from "./database-server.ts";
export * from "./labels.ts";
export * from "./pod.ts";
export { priorityClassName } from "./priority.ts";
export { resourcesOf, type Resources } from "./resources.ts";
