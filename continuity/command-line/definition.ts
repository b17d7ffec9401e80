/** Options and arguments of commands, with the values that they accept. */
import type { ValueKind } from "./value-kinds.ts";

export interface OptionDefinition {
  description: string;
  /** Kind of value. @default none: a flag, false if absent */
  takes?: ValueKind<unknown>;
  /** Accepts several values, consecutive or by repeating the option. */
  many?: true;
  required?: true;
  /** Default value as text. */
  default?: string;
}

export interface ArgumentDefinition {
  description: string;
  takes: ValueKind<unknown>;
  required?: true;
}

/** By the handler's property name; `dryRun` is `--dry-run`. */
export type Options = Readonly<Record<string, OptionDefinition>>;
/** In the order of the command line. */
export type Arguments = Readonly<Record<string, ArgumentDefinition>>;

export interface Inputs<O extends Options = Options, A extends Arguments = Arguments> {
  options: O;
  arguments: A;
}

type ValueOf<D> = D extends { takes: ValueKind<infer T> }
  ? D extends { many: true }
    ? T[]
    : D extends { required: true } | { default: string }
      ? T
      : T | undefined
  : boolean;

/** The handler's input. */
export type Values<D> = { [Name in keyof D]: ValueOf<D[Name]> };

/** `dryRun` becomes `--dry-run`. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
