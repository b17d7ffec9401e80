export { projectDirectory } from "./project-directory.ts";
export { deployStack } from "./deploy-stack.ts";
export { onExistingStack } from "./existing-stack.ts";
export { readSettings } from "./read-settings.ts";
export type { Settings } from "./settings.ts";
