/** Identity, annotations and autonaming of Kubernetes objects. */
import { randomBytes } from "node:crypto";
import { isObject, type Json, type JsonObject } from "../values.ts";

export interface ObjectReference {
  apiVersion: string;
  kind: string;
  name: string;
  /** Absent for cluster-scoped objects and for those in the default namespace. */
  namespace?: string;
}

export const annotations = {
  autonamed: "pulumi.com/autonamed",
  skipAwait: "pulumi.com/skipAwait",
  timeoutSeconds: "pulumi.com/timeoutSeconds",
  patchForce: "pulumi.com/patchForce",
  patchFieldManager: "pulumi.com/patchFieldManager",
  deletionPropagationPolicy: "pulumi.com/deletionPropagationPolicy",
  waitFor: "pulumi.com/waitFor",
} as const;

/** `kubernetes:apps/v1:Deployment` → `apps/v1`, `Deployment`. @throws for types that are not single API objects */
export function kindOf(type: string): { apiVersion: string; kind: string } {
  const [, module = "", kind = ""] = type.split(":");
  const apiVersion = module.replace(/^core\//, "");
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.lastIndexOf("/")) : "";
  const version = apiVersion.slice(group === "" ? 0 : group.length + 1);
  if (!/^v\d+((alpha|beta)\d+)?$/.test(version) || group === "helm.sh" || /(List|Patch)$/.test(kind)) {
    throw new Error(`${type} is not supported by the local Kubernetes provider: it manages single API objects`);
  }
  return { apiVersion, kind };
}

export const member = (value: Json | undefined, ...path: string[]): Json | undefined =>
  path.reduce<Json | undefined>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);

export const text = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);
export const number = (value: Json | undefined): number | undefined => (typeof value === "number" ? value : undefined);
export const objects = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

export const metadataOf = (object: JsonObject): JsonObject => (isObject(object.metadata) ? object.metadata : {});

export const annotationOf = (object: JsonObject, name: string): string | undefined =>
  text(member(object.metadata, "annotations", name));

export function referenceOf(object: JsonObject): ObjectReference {
  const { name, namespace } = metadataOf(object);
  return {
    apiVersion: String(object.apiVersion),
    kind: String(object.kind),
    name: String(name),
    ...(typeof namespace === "string" && { namespace }),
  };
}

/** `namespace/name`, or the name of a cluster-scoped object, as in `pulumi import`. */
export const idOf = (object: JsonObject): string => {
  const { name, namespace } = referenceOf(object);
  return namespace === undefined ? name : `${namespace}/${name}`;
};

export function fromId(id: string, kind: { apiVersion: string; kind: string }): ObjectReference {
  const [name = "", namespace] = id.split("/").reverse();
  return { ...kind, name, ...(namespace !== undefined && { namespace }) };
}

export const describe = ({ kind, name, namespace }: ObjectReference): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;

/** A unique name, so that a replacement can coexist. */
export const autoname = (logicalName: string): string => `${logicalName}-${randomBytes(4).toString("hex")}`;
