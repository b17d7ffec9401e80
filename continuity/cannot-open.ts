/** Why a stack cannot be opened, and what to do: the Automation API reports every cause as "code: -2". */
import { stripVTControlCharacters } from "node:util";
import { nearestName } from "../plan/near-name.ts";
import { cut } from "../contract/problems.ts";
import { CannotRun, messageOf, type Problem } from "./cannot-run.ts";
import type { Wanted } from "./project-files.ts";

/**
 * The one error for whatever went wrong while a stack was opened or its configuration read.
 *
 * @param stacks those of this project that the backend holds; undefined: not known
 */
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

const backendOf = ({ env }: Wanted): string => env["PULUMI_BACKEND_URL"] ?? "the backend that pulumi login chose";

const causes: readonly Cause[] = [
  {
    pattern: /ENOSPC|no space left on device/,
    describe: () => ({
      where: "a disk",
      value: "full",
      rule: "the Pulumi CLI writes temporary files and, with a file backend, its state",
      remedy: "free some space in the folder of temporary files, the home folder and the backend's",
    }),
  },
  {
    pattern: /spawn \S*pulumi\S* ENOENT/,
    describe: () => ({
      where: "pulumi",
      value: "not found on the PATH",
      rule: "the commands work on stacks through the Pulumi CLI",
      remedy: "install it, or put its folder on the PATH",
    }),
  },
  {
    pattern: /PULUMI_ACCESS_TOKEN must be set|not (?:currently )?logged in|[Ll]og(?:ged)? in (?:to|using)/,
    describe: () => ({
      where: "the state backend",
      value: "not chosen",
      rule: "the stack's state must be found somewhere",
      remedy: "set PULUMI_BACKEND_URL, or run pulumi login",
    }),
  },
  { pattern: noSuchStack, describe: unknownStack },
  {
    pattern: /passphrase must be set/,
    describe: (wanted) => ({
      where: "PULUMI_CONFIG_PASSPHRASE",
      value: "not set",
      rule: `stack ${wanted.stack} keeps secrets under a passphrase`,
      remedy: "set it, or PULUMI_CONFIG_PASSPHRASE_FILE",
    }),
  },
  {
    pattern: /incorrect passphrase/,
    describe: (wanted) => ({
      where: passphraseVariable(wanted),
      value: "not the passphrase",
      rule: `it must open the secrets of stack ${wanted.stack}`,
      remedy: "set the one that the stack was made with",
    }),
  },
  {
    pattern: /unable to open bucket|read "\.pulumi\/|error (?:listing|getting) (?:stacks|backend)/,
    describe: (wanted) => ({
      where: "the state backend",
      value: `${backendOf(wanted)}, which does not answer as one`,
      rule: "it must exist and be readable from here",
      remedy: "check PULUMI_BACKEND_URL, credentials and region; it must not lie in the lost region alone",
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

/** What the engine complained about, without the frame that the Automation API puts around it. */
function engineWords(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const complaints = lines.filter((line) => line.startsWith("error: "));
  const spoken = lines.filter((line) => line !== "" && !/^(code: |std(out|err): ?$)/.test(line));
  return (
    [...new Set(complaints.map((line) => cut(line.replace("error: ", ""), mostOfAComplaint)))].join("; ") ||
    cut(spoken[0] ?? "the engine gave no reason", mostOfAComplaint)
  );
}
