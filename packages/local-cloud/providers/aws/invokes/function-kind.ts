/** Interface of function implementations. */
import type { Properties } from "../../values.ts";
import type { RecordedResource } from "../registry.ts";

export interface FunctionContext {
  /** Arguments of the provider instance. */
  config: Properties;
  accountId: string;
  /** Resources that exist now. */
  resources: () => RecordedResource[];
}

export interface FunctionKind {
  token: string;
  /** Valid argument names. */
  arguments: readonly string[];
  /** Output names. */
  outputs: readonly string[];
  /** Throws where AWS would return an error. */
  run(context: FunctionContext, args: Properties): Properties;
}
