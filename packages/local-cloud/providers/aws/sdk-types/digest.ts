/** The schema of one resource type, extracted from the SDK's declarations. */

/** Shape of a value. */
export type Shape =
  | { kind: "any" | "asset" | "boolean" | "number" | "scalar" | "string" }
  | { kind: "list" | "map"; of: Shape }
  | { kind: "object"; type: string }
  | { kind: "union"; of: Shape[] };

interface Property {
  shape: Shape;
  required?: true;
}

export type ObjectType = Record<string, Property>;

export interface Digest {
  /** Type token, e.g. `aws:s3/bucket:Bucket`. */
  token: string;
  inputs: ObjectType;
  /** Nested object types reachable from `inputs`, by name, e.g. `s3.BucketVersioningVersioningConfiguration`. */
  types: Record<string, ObjectType>;
  /** Output properties; true for those that are never undefined. */
  outputs: Record<string, boolean>;
}
