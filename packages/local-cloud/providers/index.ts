/** Serves local providers to the Pulumi engine. */
import type { LocalProvider } from "./provider.ts";
import { serveProvider } from "./protocol/index.ts";

export { serveProvider, type ServedProvider } from "./protocol/index.ts";
export { kubernetesProvider } from "./kubernetes/index.ts";
export { randomProvider } from "./random/index.ts";
export * from "./provider.ts";
export { equal, unknown } from "./values.ts";

export interface StartedProviders {
  /** Value of the engine's `PULUMI_DEBUG_PROVIDERS`, e.g. `aws:40001,kubernetes:40002`. */
  debugProviders: string;
  /** Cancels running operations and closes the ports. */
  stop(): Promise<void>;
}

/** Serves each provider on a free port of 127.0.0.1. @throws if one cannot be served; the others are stopped then */
export async function startProviders(providers: LocalProvider[]): Promise<StartedProviders> {
  const results = await Promise.allSettled(
    providers.map(async (provider) => ({ provider, served: await serveProvider(provider) })),
  );
  const started = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const stop = async () => {
    await Promise.all(started.map(({ served }) => served.stop()));
  };
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const debugProviders = started.map(({ provider, served }) => `${provider.package}:${served.port}`).join(",");
  return { debugProviders, stop };
}
