/** AWS on the local stack: what the drill exercises is created in the emulator, everything else is recorded. */
export type { AwsOptions, Credentials } from "./access.ts";
export { awsProvider, type AwsProvider } from "./provider.ts";
export type { RecordedResource } from "./registry.ts";
