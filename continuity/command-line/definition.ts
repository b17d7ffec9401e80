/** What commands are made of: options and arguments with what they accept. */
import type { ValueKind } from "./value-kinds.ts";

export interface OptionDefinition {
  description: string;
  /** What the option accepts. @default nothing: it is a switch, false where it is not given */
  takes?: ValueKind<unknown>;
  /** Accepts several values, after each other or by repeating the option. */
  many?: true;
  required?: true;
  /** Text that counts where the option is not given. */
  default?: string;
}

export interface ArgumentDefinition {
  description: string;
  takes: ValueKind<unknown>;
  required?: true;
}

/** By the name of the handler's property; `dryRun` is `--dry-run`. */
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

/** What a handler gets. */
export type Values<D> = { [Name in keyof D]: ValueOf<D[Name]> };

/** `dryRun` is written `--dry-run`. */
export const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
