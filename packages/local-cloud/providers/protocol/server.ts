/**
 * Serves a provider to any number of engines: each is told of it by
 * `PULUMI_DEBUG_PROVIDERS=<package>:<port>`. One server serves all instances.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { createRequire } from "node:module";
import type { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { LocalProvider } from "../provider.ts";
import type { Context } from "./handlers.ts";
import { Instances } from "./instances.ts";
import { packageHandlers } from "./package-handlers.ts";
import { resourceHandlers } from "./resource-handlers.ts";

// The generated module sets its exports in a way that an ESM import cannot name.
const { ResourceProviderService: service } = createRequire(import.meta.url)(
  "@pulumi/pulumi/proto/provider_grpc_pb.js",
) as { ResourceProviderService: typeof ResourceProviderService };

/** What the engine itself accepts. */
const messageBytesLimit = 400 * 1024 * 1024;

export interface ServedProvider {
  port: number;
  /** Cancels what runs and closes every connection. */
  stop(): Promise<void>;
}

/** Listens on a free port of this machine. Methods that no local provider needs (construct, call, list) are unimplemented. */
export async function serveProvider(provider: LocalProvider, host = "127.0.0.1"): Promise<ServedProvider> {
  const context: Context = { provider, instances: new Instances(provider.package) };
  const server = new Server({
    "grpc.max_receive_message_length": messageBytesLimit,
    "grpc.max_send_message_length": messageBytesLimit,
  });
  server.addService(service, { ...packageHandlers(context), ...resourceHandlers(context) });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    stop: async () => {
      context.instances.close();
      server.forceShutdown();
    },
  };
}
