export { projectDirectory } from "./project-directory.ts";
export { deployStack, type StackOutputs } from "./deploy-stack.ts";
export { onExistingStack } from "./existing-stack.ts";
export { readSettings } from "./read-settings.ts";
export type { Settings, SharedSettings, SiteSettings } from "./settings.ts";
