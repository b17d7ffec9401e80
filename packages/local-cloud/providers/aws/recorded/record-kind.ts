/** What is special about a type that exists as a record only. */
import type { Aws } from "../access.ts";
import type { CheckFailure } from "../../provider.ts";
import type { Properties } from "../../values.ts";
import type { RecordedResource } from "../registry.ts";
import type { Hash } from "./hash.ts";

export interface Identity {
  aws: Aws;
  inputs: Properties;
  /** Deterministic digits, letters or a UUID from what identifies the resource. */
  hash: Hash;
  /** Everything that exists through this provider. */
  resources: () => RecordedResource[];
}

export interface RecordKind {
  token: string;
  /** Inputs of which another value means another resource. */
  immutable?: readonly string[];
  /** What AWS would refuse, though the SDK's types allow it. */
  problems?(inputs: Properties): CheckFailure[];
  /** @default the name where there is one, else hexadecimal digits */
  id?(identity: Identity): string;
  /** Outputs that the program may use. */
  outputs?(id: string, identity: Identity): Properties;
  /**
   * True for outputs that follow from inputs which can change.
   * @default false
   */
  outputsFollowInputs?: true;
}
