/** Adapts gRPC calls to provider methods. */
import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import type { Message } from "google-protobuf";
import type { InvokeCall, LocalProvider, ProviderCall } from "../provider.ts";
import type { Instance, Instances } from "./instances.ts";
import { toServiceError } from "./wire.ts";

export interface Context {
  provider: LocalProvider;
  instances: Instances;
}

type Handler<Request, Response> = (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => void;

/** Wraps an async handler: errors become gRPC errors, and the signal is aborted when the engine disconnects. */
export function answer<Request extends Message, Response extends Message>(
  context: Context,
  compute: (request: Request, peer: string, controller: AbortController) => Promise<Response> | Response,
): Handler<Request, Response> {
  return (call, callback) => {
    const controller = new AbortController();
    call.on("cancelled", () => controller.abort(new Error("the engine cancelled this call")));
    const peer = call.getPeer();
    const operation = async () => compute(call.request, peer, controller);
    context.instances
      .of(peer)
      .run(controller, operation)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(toServiceError(error, controller.signal.aborted)),
      );
  };
}

interface ResourceRequest {
  getUrn(): string;
  getType(): string;
  getName(): string;
}

export interface CallOptions {
  preview?: boolean;
  timeoutSeconds?: number;
}

/** Context of an operation on a resource. */
export function resourceCall(
  instance: Instance & { config: ProviderCall["config"] },
  request: ResourceRequest,
  signal: AbortSignal,
  { preview = true, timeoutSeconds = 0 }: CallOptions = {},
): ProviderCall {
  const urn = request.getUrn();
  const [, , types = "", ...names] = urn.split("::");
  return {
    ...invokeCall(instance, urn, preview, signal),
    urn,
    type: request.getType() || (types.split("$").pop() ?? ""),
    name: request.getName() || names.join("::"),
    timeoutSeconds,
  };
}

export const invokeCall = (
  instance: Instance & { config: ProviderCall["config"] },
  urn: string,
  preview: boolean,
  signal: AbortSignal,
): InvokeCall => ({
  config: instance.config,
  preview,
  signal,
  report: (severity, message) => instance.log?.report(urn, severity, message),
});
