/** Local AWS: one emulator, a gateway per region and one for the global control planes, and S3 replication. */
import { startEmulator } from "./emulator.ts";
import { Gateway } from "./gateway.ts";
import { BucketReplicator } from "./replicator.ts";
import type { Credentials, LocalAws, StartAwsOptions } from "./types.ts";

export { prepareAccount, type Existing } from "./account.ts";
export { replicatorAgent } from "./replication-clients.ts";
export type {
  CallRecord,
  Credentials,
  FailRule,
  LocalAws,
  ReplicationFailure,
  Replicator,
  StartAwsOptions,
} from "./types.ts";

/** Starts everything on free ports of 127.0.0.1; nothing outlives this process. @throws if the emulator does not start */
export async function startAws(options: StartAwsOptions): Promise<LocalAws> {
  const { run, python, regions, globalRegion = "us-east-1", accountId = "123456789012" } = options;
  const emulator = await startEmulator({ run, python, accountId, defaultRegion: globalRegion });
  const gateway = new Gateway({ regions, globalRegion, emulatorPort: emulator.port });
  await gateway.start();
  // For the emulator, an account's number is the access key of its root user.
  const credentials: Credentials = { accessKeyId: accountId, secretAccessKey: "local" };
  const replicator = new BucketReplicator(gateway, credentials);
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await replicator.stop();
    await gateway.stop();
    await emulator.stop();
  };
  return {
    endpoint: (region) => gateway.endpoint(region),
    globalEndpoint: gateway.endpoint("global"),
    calls: () => gateway.calls(),
    cut: (region) => gateway.cut(region),
    restore: (region) => gateway.restore(region),
    slow: (region, milliseconds) => gateway.slow(region, milliseconds),
    fail: (region, rule) => gateway.fail(region, rule),
    replicator,
    credentials,
    accountId,
    stop: () => (stopped ??= stop()),
  };
}
