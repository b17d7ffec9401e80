/** Files of a rendered stack: an object of Kubernetes as YAML, any other resource's inputs as JSON. */
import { stringify } from "yaml";
import type { Registered } from "./program.ts";

export interface RenderedFile {
  /** Relative to the output directory, e.g. `kubernetes/deployment-vapora-backend-api.yaml`. */
  path: string;
  content: string;
}

/** One file for each resource, except providers, and `resources.json`, which lists them in the order of the program. */
export function filesOf(registered: readonly Registered[]): RenderedFile[] {
  const taken = new Set<string>();
  const files = registered.filter(({ type }) => !type.startsWith("pulumi:")).map((one) => fileOf(one, taken));
  const list = registered.map(({ type, name }, index) => ({ type, name, file: pathOf(registered[index], files) }));
  return [...files.map(({ path, content }) => ({ path, content })), { path: "resources.json", content: json(list) }];
}

type Filed = RenderedFile & { of: Registered };

const pathOf = (one: Registered | undefined, files: readonly Filed[]): string | undefined =>
  files.find(({ of }) => of === one)?.path;

function fileOf(one: Registered, taken: Set<string>): Filed {
  const [directory, ...words] = wordsOf(one);
  const ending = directory === "kubernetes" ? "yaml" : "json";
  const stem = `${directory}/${words
    .join("-")
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .toLowerCase()}`;
  let path = `${stem}.${ending}`;
  for (let next = 2; taken.has(path); next++) path = `${stem}-${next}.${ending}`;
  taken.add(path);
  return { path, content: ending === "yaml" ? manifest(one) : json(one), of: one };
}

/** `aws:s3/bucket:Bucket` is in aws, as s3-bucket; an object of Kubernetes has its namespace and name. */
function wordsOf({ type, name, inputs }: Registered): string[] {
  const [provider = "", module = "", kind = ""] = type.split(":");
  if (provider !== "kubernetes") return [provider, ...new Set([module.split("/")[0], kind]), name].map(String);
  const { namespace, name: ownName = name } = (inputs["metadata"] ?? {}) as { namespace?: string; name?: string };
  return [provider, kind, ...(namespace === undefined ? [] : [namespace]), ownName];
}

const manifest = ({ inputs: { apiVersion, kind, metadata, ...others } }: Registered): string =>
  stringify({ apiVersion, kind, metadata, ...others }, { aliasDuplicateObjects: false });

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
