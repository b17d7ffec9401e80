/** A command as one object: help, completion, input validation and handler. */
import type { Arguments, Options, Values } from "./definition.ts";
import { readValues, type Written } from "./read.ts";

export interface Example {
  /** Purpose of the example. */
  why: string;
  /** Without the program's name, e.g. `status --stack prod dr`. */
  line: string;
}

interface Described {
  /** With the group that it belongs to, e.g. `writer set`. */
  name: string;
  description: string;
  examples: readonly [Example, ...Example[]];
  /** Meaning of each exit status; invalid input is always 2. */
  exitStatus: Readonly<Partial<Record<0 | 1 | 2, string>>>;
}

export interface CommandDefinition<O extends Options, A extends Arguments> extends Described {
  options: O;
  arguments?: A;
  /** Returns the exit status. Loads its code only when called, so that help stays fast. */
  handler(values: Values<O> & Values<A>): Promise<number>;
}

/** A command with its types erased: it validates its own input. */
export interface Command extends Described {
  options: Options;
  arguments: Arguments;
  /**
   * Validates the input and runs the handler.
   * @throws CannotRun with all problems
   */
  start(written: Written): Promise<number>;
}

export const defineCommand = <const O extends Options, const A extends Arguments = Record<never, never>>(
  definition: CommandDefinition<O, A>,
): Command & { read(written: Written): Values<O> & Values<A> } => {
  const { handler, arguments: positional, ...described } = definition;
  const inputs = { options: definition.options, arguments: positional ?? ({} as A) }; // A is empty if omitted
  const read = (written: Written): Values<O> & Values<A> => readValues(definition.name, inputs, written);
  return { ...described, ...inputs, read, start: async (written) => handler(read(written)) };
};

/** Several commands under one name, e.g. `writer show` and `writer set`. */
export interface CommandGroup {
  name: string;
  description: string;
}
