/** Handlers for the package and for provider instances. */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { differences } from "../differences.ts";
import { plainObject } from "../values.ts";
import { answer, type Context } from "./handlers.ts";
import { toDiffResponse } from "./resource-handlers.ts";
import { fromStruct, toFailure, toStruct } from "./wire.ts";

export const packageHandlers = (context: Context) => ({
  getPluginInfo: answer(context, (_: Empty) => {
    const response = new pluginMessages.PluginInfo();
    response.setVersion(context.provider.version);
    return response;
  }),
  getSchema: answer(context, (_: pb.GetSchemaRequest) => {
    const response = new messages.GetSchemaResponse();
    response.setSchema(JSON.stringify({ name: context.provider.package, version: context.provider.version }));
    return response;
  }),
  getMapping: answer(context, (_: pb.GetMappingRequest) => new messages.GetMappingResponse()),
  getMappings: answer(context, (_: pb.GetMappingsRequest) => new messages.GetMappingsResponse()),
  handshake: handshake(context),
  attach: attach(context),
  checkConfig: checkConfig(context),
  diffConfig: diffConfig(context),
  configure: configure(context),
  cancel: answer(context, (_: Empty, peer) => {
    context.instances.of(peer).cancel();
    return new empty.Empty();
  }),
});

const handshake = (context: Context) =>
  answer(context, (request: pb.ProviderHandshakeRequest, peer) => {
    context.instances.attach(peer, request.getEngineAddress());
    const response = new messages.ProviderHandshakeResponse();
    response.setAcceptSecrets(true);
    return response;
  });

const attach = (context: Context) =>
  answer(context, (request: plugin.PluginAttach, peer) => {
    context.instances.attach(peer, request.getAddress());
    return new empty.Empty();
  });

const checkConfig = (context: Context) =>
  answer(context, (request: pb.CheckRequest) => {
    const inputs = fromStruct(request.getNews());
    const failures = context.provider.checkConfig?.(plainObject(inputs)) ?? [];
    const response = new messages.CheckResponse();
    response.setInputs(toStruct(inputs));
    response.setFailuresList(failures.map(toFailure));
    return response;
  });

const diffConfig = (context: Context) =>
  answer(context, (request: pb.DiffRequest) => {
    const [before, after] = [fromStruct(request.getOldInputs()), fromStruct(request.getNews())];
    return toDiffResponse(context.provider.diffConfig?.(before, after) ?? differences(before, after));
  });

const configure = (context: Context) =>
  answer(context, (request: pb.ConfigureRequest, peer) => {
    const { version: _, ...config } = plainObject(fromStruct(request.getArgs())); // set by the SDK, not by the program
    context.instances.of(peer).config = config;
    const response = new messages.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return response;
  });
