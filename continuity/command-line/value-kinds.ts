/** What an option or an argument accepts: how help shows it, what a shell completes, and how the text becomes a value. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Refusal } from "../../contract/problems.ts";
import { nearestName } from "../../plan/near-name.ts";

export type Parsed<T> = { value: T } | Refusal;

export interface ValueKind<T> {
  /** Placeholder in help, e.g. `name` for `--stack <name>`. */
  readonly placeholder: string;
  /** Every accepted text, where they can be listed. */
  readonly choices?: readonly string[] | undefined;
  /** What a shell completes where there are no choices. @default nothing */
  readonly completes?: "stack" | "file" | "directory" | undefined;
  /** @param where the option or argument as problems show it, e.g. `--rows` */
  parse(text: string, where: string): Parsed<T>;
}

export const isRefusal = (parsed: Parsed<unknown>): parsed is Refusal => "rule" in parsed;

/** Any text that is not blank. */
export const text = (placeholder: string, remedy: string): ValueKind<string> => ({
  placeholder,
  parse: (written) => (written.trim() === "" ? { rule: "it must not be empty", remedy } : { value: written }),
});

/** One of a fixed set of words; a misspelt one gets a hint. */
export function oneOf<const T extends string>(
  placeholder: string,
  choices: readonly [T, ...T[]],
  remedy?: string,
): ValueKind<T> {
  return {
    placeholder,
    choices,
    parse(written, where) {
      const value = choices.find((choice) => choice === written);
      if (value !== undefined) return { value };
      const near = nearestName(written, choices);
      const usual = remedy ?? `use ${where} ${choices[0]}`;
      return { rule: `it must be ${listed(choices)}`, remedy: near === undefined ? usual : `did you mean ${near}?` };
    },
  };
}

const listed = (choices: readonly string[]): string =>
  choices.length < 3 ? choices.join(" or ") : `one of ${choices.join(", ")}`;

export interface WholeNumberLimits {
  from: number;
  to: number;
  /** A sensible value, for the remedy. */
  example: number;
}

export const wholeNumber = (placeholder: string, { from, to, example }: WholeNumberLimits): ValueKind<number> => ({
  placeholder,
  parse(written, where) {
    const value = Number(written);
    if (written.trim() !== "" && Number.isInteger(value) && value >= from && value <= to) return { value };
    return { rule: `it must be a whole number from ${from} to ${to}`, remedy: `use ${where} ${example}` };
  },
});

/** A stack as Pulumi names it, with or without its organization and project. */
export const stackName: ValueKind<string> = {
  placeholder: "name",
  completes: "stack",
  parse: (written) =>
    /^[A-Za-z0-9_][\w./-]*$/.test(written)
      ? { value: written }
      : {
          rule: "it must be the name of a stack: letters, digits, hyphens, underscores and periods",
          remedy: "pulumi stack ls shows those there are",
        },
};

/** A directory that the command reads; whether it holds what is needed is checked where it is read. */
export const directory: ValueKind<string> = {
  placeholder: "directory",
  completes: "directory",
  parse: (written) => ({ value: written }),
};

/** A directory to write to; it may be made. */
export const outputDirectory: ValueKind<string> = {
  placeholder: "directory",
  completes: "directory",
  parse: (written) =>
    existsSync(written) && !statSync(written).isDirectory()
      ? { rule: "it must be a directory", remedy: "name another one" }
      : { value: written },
};

/** A file that the command reads; the reader names what is wrong with it. */
export const file: ValueKind<string> = {
  placeholder: "file",
  completes: "file",
  parse: (written) => ({ value: written }),
};

/** The same, independent of the working directory of whoever reads it later. */
export const absoluteFile: ValueKind<string> = { ...file, parse: (written) => ({ value: resolve(written) }) };

/** Export time of a recovery point. */
export const slot: ValueKind<string> = {
  placeholder: "slot",
  parse: (written) =>
    /^\d{8}T\d{6}Z$/.test(written)
      ? { value: written }
      : {
          rule: "it must be a time such as 20261123T100000Z",
          remedy: "`continuity points list` shows them",
        },
};

/** Where to connect for a host name instead of asking the DNS. */
export const hostAddress: ValueKind<readonly [hostname: string, url: string]> = {
  placeholder: "host=url",
  parse(written, where) {
    const [, hostname, url] = /^([a-z0-9.-]+)=(https?:\/\/.+)$/i.exec(written) ?? [];
    if (hostname !== undefined && url !== undefined) return { value: [hostname, url] };
    return { rule: "it must be HOST=URL", remedy: `for example ${where} api.example.com=http://127.0.0.1:8080` };
  },
};
