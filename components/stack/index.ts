export { deployStack } from "./deploy-stack.ts";
export { readSettings, type Settings } from "./settings.ts";
