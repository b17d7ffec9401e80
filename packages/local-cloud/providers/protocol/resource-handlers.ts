/** Handlers for resources and functions. */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { DiffKind, DiffResult } from "../provider.ts";
import { hasUnknown } from "../values.ts";
import { answer, invokeCall, resourceCall, type Context } from "./handlers.ts";
import { fromStruct, toFailure, toStruct } from "./wire.ts";

export const resourceHandlers = (context: Context) => ({
  check: check(context),
  diff: diff(context),
  create: create(context),
  read: read(context),
  update: update(context),
  delete: remove(context),
  invoke: invoke(context),
});

const check = (context: Context) =>
  answer(context, async (request: pb.CheckRequest, peer, { signal }) => {
    const call = resourceCall(context.instances.configured(peer), request, signal);
    const olds = fromStruct(request.getOlds()); // the engine sends an empty structure for a new resource
    const oldInputs = Object.keys(olds).length === 0 ? undefined : olds;
    const result = await context.provider.check(call, oldInputs, fromStruct(request.getNews()));
    const response = new messages.CheckResponse();
    response.setInputs(toStruct(result.inputs));
    response.setFailuresList((result.failures ?? []).map(toFailure));
    return response;
  });

const diff = (context: Context) =>
  answer(context, async (request: pb.DiffRequest, peer, { signal }) => {
    const call = resourceCall(context.instances.configured(peer), request, signal);
    const result = await context.provider.diff(call, request.getId(), {
      oldInputs: fromStruct(request.getOldInputs()),
      oldOutputs: fromStruct(request.getOlds()),
      newInputs: fromStruct(request.getNews()),
      ignoreChanges: request.getIgnorechangesList(),
    });
    return toDiffResponse(result);
  });

const kinds: Record<DiffKind, pb.PropertyDiff.Kind> = {
  add: messages.PropertyDiff.Kind.ADD,
  "add-replace": messages.PropertyDiff.Kind.ADD_REPLACE,
  delete: messages.PropertyDiff.Kind.DELETE,
  "delete-replace": messages.PropertyDiff.Kind.DELETE_REPLACE,
  update: messages.PropertyDiff.Kind.UPDATE,
  "update-replace": messages.PropertyDiff.Kind.UPDATE_REPLACE,
};

export function toDiffResponse(result: DiffResult): pb.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
  const response = new messages.DiffResponse();
  response.setChanges(result.changes ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList(result.replaces ?? []);
  response.setDeletebeforereplace(result.deleteBeforeReplace ?? false);
  const detailed = Object.entries(result.detailed ?? {});
  response.setHasdetaileddiff(detailed.length > 0);
  response.setDiffsList([...new Set(detailed.map(([path]) => path.split(/[.[]/)[0] ?? path))]);
  for (const [path, { kind, inputDiff }] of detailed) {
    const property = new messages.PropertyDiff();
    property.setKind(kinds[kind]);
    property.setInputdiff(inputDiff);
    response.getDetaileddiffMap().set(path, property);
  }
  return response;
}

const create = (context: Context) =>
  answer(context, async (request: pb.CreateRequest, peer, { signal }) => {
    const options = { preview: request.getPreview(), timeoutSeconds: request.getTimeout() };
    const call = resourceCall(context.instances.configured(peer), request, signal, options);
    const { id, outputs } = await context.provider.create(call, fromStruct(request.getProperties()));
    const response = new messages.CreateResponse();
    response.setId(call.preview && hasUnknown(id) ? "" : id);
    response.setProperties(toStruct(outputs));
    return response;
  });

const update = (context: Context) =>
  answer(context, async (request: pb.UpdateRequest, peer, { signal }) => {
    const options = { preview: request.getPreview(), timeoutSeconds: request.getTimeout() };
    const call = resourceCall(context.instances.configured(peer), request, signal, options);
    const { outputs } = await context.provider.update(call, request.getId(), {
      oldInputs: fromStruct(request.getOldInputs()),
      oldOutputs: fromStruct(request.getOlds()),
      newInputs: fromStruct(request.getNews()),
      ignoreChanges: request.getIgnorechangesList(),
    });
    const response = new messages.UpdateResponse();
    response.setProperties(toStruct(outputs));
    return response;
  });

const read = (context: Context) =>
  answer(context, async (request: pb.ReadRequest, peer, { signal }) => {
    const options = { timeoutSeconds: request.getTimeout() };
    const call = resourceCall(context.instances.configured(peer), request, signal, options);
    const state = { oldInputs: fromStruct(request.getInputs()), oldOutputs: fromStruct(request.getProperties()) };
    const found = await context.provider.read(call, request.getId(), state);
    const response = new messages.ReadResponse();
    if (found === undefined) return response; // no id: gone
    response.setId(found.id);
    response.setInputs(toStruct(found.inputs));
    response.setProperties(toStruct(found.outputs));
    return response;
  });

const remove = (context: Context) =>
  answer(context, async (request: pb.DeleteRequest, peer, { signal }) => {
    const options = { preview: false, timeoutSeconds: request.getTimeout() };
    const call = resourceCall(context.instances.configured(peer), request, signal, options);
    const state = { oldInputs: fromStruct(request.getOldInputs()), oldOutputs: fromStruct(request.getProperties()) };
    await context.provider.delete(call, request.getId(), state);
    return new empty.Empty();
  });

const invoke = (context: Context) =>
  answer(context, async (request: pb.InvokeRequest, peer, { signal }) => {
    const call = invokeCall(context.instances.configured(peer), "", request.getPreview(), signal);
    const result = await context.provider.invoke(call, request.getTok(), fromStruct(request.getArgs()));
    const response = new messages.InvokeResponse();
    if ("failures" in result) response.setFailuresList(result.failures.map(toFailure));
    else response.setReturn(toStruct(result.outputs));
    return response;
  });
