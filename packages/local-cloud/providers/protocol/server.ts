/** Serves a provider to any number of engines with `PULUMI_DEBUG_PROVIDERS=<package>:<port>`; one server for all instances. */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { createRequire } from "node:module";
import type { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { LocalProvider } from "../provider.ts";
import type { Context } from "./handlers.ts";
import { Instances } from "./instances.ts";
import { packageHandlers } from "./package-handlers.ts";
import { resourceHandlers } from "./resource-handlers.ts";

// The generated module's exports are not visible to a named ESM import.
const { ResourceProviderService: service } = createRequire(import.meta.url)(
  "@pulumi/pulumi/proto/provider_grpc_pb.js",
) as { ResourceProviderService: typeof ResourceProviderService };

/** The engine's own limit. */
const messageBytesLimit = 400 * 1024 * 1024;

export interface ServedProvider {
  /** Port of the gRPC server. */
  port: number;
  /** Cancels running operations and closes all connections. */
  stop(): Promise<void>;
}

/**
 * Listens on a free port. Construct, call and list are not implemented.
 * @param host address to bind. @default "127.0.0.1"
 */
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
