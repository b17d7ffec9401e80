/** What the SDK's declarations say about one resource type, in a form that is quick to read and to check against. */

/** What a value may look like. */
export type Shape =
  | { kind: "any" | "asset" | "boolean" | "number" | "scalar" | "string" }
  | { kind: "list" | "map"; of: Shape }
  | { kind: "object"; type: string }
  | { kind: "union"; of: Shape[] };

export interface Property {
  shape: Shape;
  required?: true;
}

export type ObjectType = Record<string, Property>;

export interface Digest {
  /** Type token, e.g. `aws:s3/bucket:Bucket`. */
  token: string;
  inputs: ObjectType;
  /** Nested object types by name, e.g. `s3.BucketVersioningVersioningConfiguration`; every one that `inputs` reaches. */
  types: Record<string, ObjectType>;
  /** Output properties; true for those that always have a value once the resource exists. */
  outputs: Record<string, boolean>;
}
