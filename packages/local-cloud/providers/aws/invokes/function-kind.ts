/** Interface of function implementations. */
import type { Properties } from "../../values.ts";
import type { Aws } from "../access.ts";

export interface FunctionContext {
  /** Arguments of the provider instance. */
  config: Properties;
  accountId: string;
  /** AWS as the provider instance uses it. */
  aws: () => Aws;
}

export interface FunctionKind {
  token: string;
  /** Valid argument names. */
  arguments: readonly string[];
  /** Output names. */
  outputs: readonly string[];
  /** Throws where AWS would return an error. */
  run(context: FunctionContext, args: Properties): Properties | Promise<Properties>;
}
