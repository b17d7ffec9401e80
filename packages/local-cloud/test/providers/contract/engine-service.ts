/** The engine's side of the protocol, as far as providers call it: messages about resources are kept. */
import { createRequire } from "node:module";
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";

const { EngineService: service } = createRequire(import.meta.url)("@pulumi/pulumi/proto/engine_grpc_pb.js") as {
  EngineService: typeof EngineService;
};

export interface FakeEngine {
  address: string;
  logged: LogRequest[];
  stop(): void;
}

export async function startFakeEngine(): Promise<FakeEngine> {
  const logged: LogRequest[] = [];
  const server = new Server();
  const log = (call: ServerUnaryCall<LogRequest, Empty>, reply: sendUnaryData<Empty>): void => {
    logged.push(call.request);
    reply(null, new empty.Empty());
  };
  server.addService({ log: service.log }, { log });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, logged, stop: () => server.forceShutdown() };
}
