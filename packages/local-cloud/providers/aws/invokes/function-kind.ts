/** What a function that a program may call is told, and answers. */
import type { Properties } from "../../values.ts";
import type { RecordedResource } from "../registry.ts";

export interface FunctionContext {
  /** Arguments of the provider instance. */
  config: Properties;
  accountId: string;
  /** Everything that exists through this provider. */
  resources: () => RecordedResource[];
}

export interface FunctionKind {
  token: string;
  /** Argument names that it knows. */
  arguments: readonly string[];
  /** Names of what it answers. */
  outputs: readonly string[];
  /** Throws where AWS would answer with an error. */
  run(context: FunctionContext, args: Properties): Properties;
}
