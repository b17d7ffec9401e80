/** Sends a provider's messages to the engine, which shows them at their resource. */
import { credentials, Metadata } from "@grpc/grpc-js";
import { createRequire } from "node:module";
import messages from "@pulumi/pulumi/proto/engine_pb.js";
import type { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";

// The generated module's exports are not visible to a named ESM import.
const { EngineClient: Client } = createRequire(import.meta.url)("@pulumi/pulumi/proto/engine_grpc_pb.js") as {
  EngineClient: typeof EngineClient;
};

const deadlineMilliseconds = 5_000;

export class EngineLog {
  readonly #client: EngineClient;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure());
  }

  /** Ignores failures: a message that cannot be shown must not fail a deployment. */
  report(urn: string, severity: "status" | "info" | "warning", message: string): void {
    const request = new messages.LogRequest();
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(severity === "status");
    request.setSeverity(severity === "warning" ? messages.LogSeverity.WARNING : messages.LogSeverity.INFO);
    this.#client.log(request, new Metadata(), { deadline: Date.now() + deadlineMilliseconds }, () => {});
  }

  close(): void {
    this.#client.close();
  }
}
