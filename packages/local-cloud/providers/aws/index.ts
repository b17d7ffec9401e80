/** Local AWS provider: types with an implementation are created in the emulator, all others are recorded. */
export type { AwsOptions } from "./access.ts";
export { awsProvider, type AwsProvider } from "./provider.ts";
export type { RecordedResource } from "./registry.ts";
