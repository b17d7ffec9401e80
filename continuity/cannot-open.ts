/** Diagnoses why a stack cannot be opened: the Automation API reports every cause as "code: -2". */
import { stripVTControlCharacters } from "node:util";
import { nearestName } from "../plan/near-name.ts";
import { cut } from "../contract/problems.ts";
import { CannotRun, messageOf, type Problem } from "./cannot-run.ts";
import type { Wanted } from "./project-files.ts";

/** Converts any failure to open a stack or read its configuration into one error. */
export function cannotOpen(wanted: Wanted, error: unknown, stacks?: readonly string[]): CannotRun {
  if (error instanceof CannotRun) return error;
  const text = engineText(error);
  const known = causes.find(({ pattern }) => pattern.test(text));
  const problem = known ? known.describe(wanted, stacks) : engineWords(text);
  return new CannotRun(`stack "${wanted.stack}" cannot be opened`, [problem]);
}

const engineText = (error: unknown): string => stripVTControlCharacters(messageOf(error));

const noSuchStack = /no stack named/;

/** The backend answered, but does not have the stack: it can be asked for those that it has. */
export const isUnknownStack = (error: unknown): boolean => noSuchStack.test(engineText(error));

interface Cause {
  pattern: RegExp;
  describe(wanted: Wanted, stacks: readonly string[] | undefined): Problem;
}

const backendOf = ({ env }: Wanted): string => env["PULUMI_BACKEND_URL"] ?? "the backend selected by pulumi login";

const causes: readonly Cause[] = [
  {
    pattern: /ENOSPC|no space left on device/,
    describe: () => ({
      where: "a disk",
      value: "full",
      rule: "the Pulumi CLI needs space for temporary files and, with a file backend, for its state",
      remedy: "free space in the temporary, home and backend directories",
    }),
  },
  {
    pattern: /spawn \S*pulumi\S* ENOENT/,
    describe: () => ({
      where: "pulumi",
      value: "not found in PATH",
      rule: "the Pulumi CLI is required",
      remedy: "install it, or add its directory to PATH",
    }),
  },
  {
    pattern: /PULUMI_ACCESS_TOKEN must be set|not (?:currently )?logged in|[Ll]og(?:ged)? in (?:to|using)/,
    describe: () => ({
      where: "the state backend",
      value: "not configured",
      rule: "the location of the stack's state must be known",
      remedy: "set PULUMI_BACKEND_URL, or run pulumi login",
    }),
  },
  { pattern: noSuchStack, describe: unknownStack },
  {
    pattern: /passphrase must be set/,
    describe: (wanted) => ({
      where: "PULUMI_CONFIG_PASSPHRASE",
      value: "not set",
      rule: `the secrets of stack ${wanted.stack} are encrypted with a passphrase`,
      remedy: "set it, or PULUMI_CONFIG_PASSPHRASE_FILE",
    }),
  },
  {
    pattern: /incorrect passphrase/,
    describe: (wanted) => ({
      where: passphraseVariable(wanted),
      value: "incorrect",
      rule: `it must decrypt the secrets of stack ${wanted.stack}`,
      remedy: "set the passphrase that the stack was created with",
    }),
  },
  {
    pattern: /unable to open bucket|read "\.pulumi\/|error (?:listing|getting) (?:stacks|backend)/,
    describe: (wanted) => ({
      where: "the state backend",
      value: `${backendOf(wanted)}, which is not accessible`,
      rule: "it must exist and be readable from this machine",
      remedy: "check PULUMI_BACKEND_URL, credentials and region; the backend must not depend on the lost region alone",
    }),
  },
];

function unknownStack(wanted: Wanted, stacks: readonly string[] | undefined): Problem {
  const backend = backendOf(wanted);
  const problem = { where: `--stack ${wanted.stack}`, value: "unknown" };
  if (stacks?.length === 0) {
    return {
      ...problem,
      rule: `${backend} holds no stack of this project`,
      remedy: `set PULUMI_BACKEND_URL if it is another one; a first stack is made by pulumi stack init ${wanted.stack} and pulumi up`,
    };
  }
  const near = stacks && nearestName(wanted.stack, stacks);
  return {
    ...problem,
    rule: `it must be a stack of ${backend}${stacks ? `, which holds ${stacks.join(", ")}` : ""}`,
    remedy: `${near === undefined ? "" : `did you mean ${near}? Otherwise `}pulumi stack ls shows those there are; PULUMI_BACKEND_URL names another backend`,
  };
}

const passphraseVariable = ({ env }: Wanted): string =>
  env["PULUMI_CONFIG_PASSPHRASE"] === undefined ? "PULUMI_CONFIG_PASSPHRASE_FILE" : "PULUMI_CONFIG_PASSPHRASE";

/** Characters. The engine quotes a file that it cannot read. */
const mostOfAComplaint = 400;

/** The engine's error message, without the frame added by the Automation API. */
function engineWords(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const complaints = lines.filter((line) => line.startsWith("error: "));
  const spoken = lines.filter((line) => line !== "" && !/^(code: |std(out|err): ?$)/.test(line));
  return (
    [...new Set(complaints.map((line) => cut(line.replace("error: ", ""), mostOfAComplaint)))].join("; ") ||
    cut(spoken[0] ?? "the engine reported no reason", mostOfAComplaint)
  );
}
