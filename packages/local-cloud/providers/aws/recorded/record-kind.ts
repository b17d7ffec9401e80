/** Special cases of a recorded type. */
import type { Aws } from "../access.ts";
import type { CheckFailure } from "../../provider.ts";
import type { Properties } from "../../values.ts";
import type { RecordedResource } from "../registry.ts";
import type { Hash } from "./hash.ts";

export interface Identity {
  aws: Aws;
  inputs: Properties;
  /** Deterministic digits, letters or UUID. */
  hash: Hash;
  /** Resources that exist now. */
  resources: () => RecordedResource[];
}

export interface RecordKind {
  token: string;
  /** Inputs whose change requires a replacement. */
  immutable?: readonly string[];
  /** Validates what the SDK's types allow but AWS rejects. */
  problems?(inputs: Properties): CheckFailure[];
  /** @default the name if there is one, else hexadecimal digits */
  id?(identity: Identity): string;
  /** Additional outputs. */
  outputs?(id: string, identity: Identity): Properties;
  /**
   * Whether outputs depend on inputs that can change in place.
   * @default false
   */
  outputsFollowInputs?: true;
}
