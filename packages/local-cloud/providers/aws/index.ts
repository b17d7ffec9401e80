/** AWS on the local stack: what the drill exercises is created in the emulator, everything else is recorded. */
export type { AwsOptions } from "./access.ts";
export type { Credentials } from "./clients.ts";
export { awsProvider, type AwsProvider } from "./provider.ts";
export type { RecordedResource } from "./registry.ts";
