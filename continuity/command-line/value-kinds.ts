/** Kinds of values of options and arguments: display in help, completion, and parsing. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Refusal } from "../../contract/problems.ts";
import { nearestName } from "../../plan/near-name.ts";

export type Parsed<T> = { value: T } | Refusal;

export interface ValueKind<T> {
  /** Placeholder in help, e.g. `name` for `--stack <name>`. */
  readonly placeholder: string;
  /** All accepted texts, if enumerable. */
  readonly choices?: readonly string[] | undefined;
  /** Shell completion without choices. @default none */
  readonly completes?: "stack" | "file" | "directory" | undefined;
  /** @param where the option or argument as shown in problems, e.g. `--rows` */
  parse(text: string, where: string): Parsed<T>;
}

export const isRefusal = (parsed: Parsed<unknown>): parsed is Refusal => "rule" in parsed;

/** Any non-blank text. */
export const text = (placeholder: string, remedy: string): ValueKind<string> => ({
  placeholder,
  parse: (written) => (written.trim() === "" ? { rule: "it must not be empty", remedy } : { value: written }),
});

/** One of a fixed set of words; misspelt ones get a hint. */
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
  /** Example value for the remedy. */
  example: number;
}

export const wholeNumber = (placeholder: string, { from, to, example }: WholeNumberLimits): ValueKind<number> => ({
  placeholder,
  parse(written, where) {
    const value = Number(written);
    if (written.trim() !== "" && Number.isInteger(value) && value >= from && value <= to) return { value };
    return { rule: `it must be an integer from ${from} to ${to}`, remedy: `use ${where} ${example}` };
  },
});

/** A Pulumi stack name, with or without organization and project. */
export const stackName: ValueKind<string> = {
  placeholder: "name",
  completes: "stack",
  parse: (written) =>
    /^[A-Za-z0-9_][\w./-]*$/.test(written)
      ? { value: written }
      : {
          rule: "it must be a stack name: letters, digits, hyphens, underscores and periods",
          remedy: "list stacks with pulumi stack ls",
        },
};

/** An input directory; its content is checked by the reader. */
export const directory: ValueKind<string> = {
  placeholder: "directory",
  completes: "directory",
  parse: (written) => ({ value: written }),
};

/** An output directory; created if necessary. */
export const outputDirectory: ValueKind<string> = {
  placeholder: "directory",
  completes: "directory",
  parse: (written) =>
    existsSync(written) && !statSync(written).isDirectory()
      ? { rule: "it must be a directory", remedy: "use another one" }
      : { value: written },
};

/** An input file; problems with it are reported by the reader. */
export const file: ValueKind<string> = {
  placeholder: "file",
  completes: "file",
  parse: (written) => ({ value: written }),
};

/** An absolute path, independent of the reader's working directory. */
export const absoluteFile: ValueKind<string> = { ...file, parse: (written) => ({ value: resolve(written) }) };

/** Export time of a recovery point. */
export const slot: ValueKind<string> = {
  placeholder: "slot",
  parse: (written) =>
    /^\d{8}T\d{6}Z$/.test(written)
      ? { value: written }
      : {
          rule: "it must be a slot such as 20261123T100000Z",
          remedy: "list them with `continuity points list`",
        },
};

/** Address to connect to for a host name instead of DNS. */
export const hostAddress: ValueKind<readonly [hostname: string, url: string]> = {
  placeholder: "host=url",
  parse(written, where) {
    const [, hostname, url] = /^([a-z0-9.-]+)=(https?:\/\/.+)$/i.exec(written) ?? [];
    if (hostname !== undefined && url !== undefined) return { value: [hostname, url] };
    return { rule: "it must be HOST=URL", remedy: `for example ${where} api.example.com=http://127.0.0.1:8080` };
  },
};
