/** Converts between protobuf structures and JSON, and errors to gRPC errors. */
import { Metadata, status as codes, type ServiceError } from "@grpc/grpc-js";
import anyMessages from "google-protobuf/google/protobuf/any_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import { PartialFailure, type CheckFailure } from "../provider.ts";
import { defined, isObject, type Json, type Properties } from "../values.ts";

/** A missing structure, as in an import, becomes an empty object. */
export const fromStruct = (struct: Struct | undefined): Properties => (struct?.toJavaScript() ?? {}) as Properties;

/** Drops undefined members at every depth. */
export const toStruct = (properties: Properties): Struct =>
  structMessages.Struct.fromJavaScript(clean(properties) as Parameters<typeof structMessages.Struct.fromJavaScript>[0]);

function clean(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => clean((item as Json | undefined) ?? null));
  if (isObject(value))
    return Object.fromEntries(Object.entries(defined(value)).map(([key, inner]) => [key, clean(inner)]));
  return value;
}

export const toFailure = ({ property, reason }: CheckFailure) => {
  const failure = new messages.CheckFailure();
  failure.setProperty(property);
  failure.setReason(reason);
  return failure;
};

/** A partial failure carries the resource's state, which the engine keeps. */
export function toServiceError(error: unknown, cancelled: boolean): Partial<ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof PartialFailure) {
    return { code: codes.UNKNOWN, details: message, metadata: partialFailureDetails(error) };
  }
  return { code: cancelled ? codes.CANCELLED : codes.UNKNOWN, details: message };
}

function partialFailureDetails(failure: PartialFailure): Metadata {
  const detail = new messages.ErrorResourceInitFailed();
  detail.setId(failure.id);
  detail.setReasonsList(failure.reasons);
  detail.setProperties(toStruct(failure.outputs));
  if (failure.inputs) detail.setInputs(toStruct(failure.inputs));

  const packed = new anyMessages.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new statusMessages.Status();
  status.setCode(codes.UNKNOWN);
  status.setMessage(failure.message);
  status.addDetails(packed);

  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}
