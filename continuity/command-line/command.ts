/** A command as one object: what help shows, what a shell completes, what input is accepted, and what is done with it. */
import type { Arguments, Options, Values } from "./definition.ts";
import { readValues, type Written } from "./read.ts";

export interface Example {
  /** Why one would run it. */
  why: string;
  /** Without the program's name, e.g. `status --stack prod dr`. */
  line: string;
}

interface Described {
  /** With the group that it belongs to, e.g. `writer set`. */
  name: string;
  description: string;
  examples: readonly [Example, ...Example[]];
  /** What each exit status means; bad input is always 2. */
  exitStatus: Readonly<Partial<Record<0 | 1 | 2, string>>>;
}

export interface CommandDefinition<O extends Options, A extends Arguments> extends Described {
  options: O;
  arguments?: A;
  /** Returns the exit status. Imports its work only when it is called, so that help stays instant. */
  handler(values: Values<O> & Values<A>): Promise<number>;
}

/** A command whose types are settled: it checks what was written itself. */
export interface Command extends Described {
  options: Options;
  arguments: Arguments;
  /**
   * Checks what was written and runs the handler.
   * @throws CannotRun with every problem at once
   */
  start(written: Written): Promise<number>;
}

export const defineCommand = <const O extends Options, const A extends Arguments = Record<never, never>>(
  definition: CommandDefinition<O, A>,
): Command & { read(written: Written): Values<O> & Values<A> } => {
  const { handler, arguments: positional, ...described } = definition;
  const inputs = { options: definition.options, arguments: positional ?? ({} as A) }; // A is empty where it is left out
  const read = (written: Written): Values<O> & Values<A> => readValues(definition.name, inputs, written);
  return { ...described, ...inputs, read, start: async (written) => handler(read(written)) };
};

/** Several commands under one name, e.g. `writer show` and `writer set`. */
export interface CommandGroup {
  name: string;
  description: string;
}
