/** Why a stack cannot be opened, and what to do: the Automation API reports every cause as "code: -2". */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { parse } from "yaml";
import { CannotRun, messageOf, type Problem } from "./cannot-run.ts";

export interface Wanted {
  stack: string;
  projectDirectory: string;
  /** Name that the project must have. */
  projectName: string;
  /** Environment of the engine. */
  env: Readonly<Record<string, string | undefined>>;
}

/** A wrong directory is looked up before the engine is asked, whose own words for it lead astray. */
export function findProjectProblem({ projectDirectory, projectName }: Wanted): Problem | undefined {
  const file = join(projectDirectory, "Pulumi.yaml");
  const remedy = "name the directory of this project with --project, or run the command there";
  if (!existsSync(file)) {
    return { where: "--project", value: projectDirectory, rule: "there is no Pulumi.yaml in it", remedy };
  }
  const name = nameIn(file);
  if (name === projectName) return undefined;
  const rule = `it must be the project ${projectName}`;
  return { where: `name in ${file}`, value: JSON.stringify(name) ?? "missing", rule, remedy };
}

function nameIn(file: string): unknown {
  try {
    return (parse(readFileSync(file, "utf8")) as { name?: unknown } | null)?.name;
  } catch (error) {
    return messageOf(error);
  }
}

/** The one error for whatever went wrong while a stack was opened or its configuration read. */
export function cannotOpen(wanted: Wanted, error: unknown): CannotRun {
  if (error instanceof CannotRun) return error;
  const text = stripVTControlCharacters(messageOf(error));
  const known = causes.find(({ pattern }) => pattern.test(text));
  const problem = known ? known.describe(wanted) : engineWords(text);
  return new CannotRun(`stack "${wanted.stack}" cannot be opened`, [problem]);
}

interface Cause {
  pattern: RegExp;
  describe(wanted: Wanted): Problem;
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
  {
    pattern: /no stack named/,
    describe: (wanted) => ({
      where: `--stack ${wanted.stack}`,
      value: "unknown",
      rule: `it must be a stack of ${backendOf(wanted)}`,
      remedy: "pulumi stack ls shows those there are; PULUMI_BACKEND_URL names another backend",
    }),
  },
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

const passphraseVariable = ({ env }: Wanted): string =>
  env["PULUMI_CONFIG_PASSPHRASE"] === undefined ? "PULUMI_CONFIG_PASSPHRASE_FILE" : "PULUMI_CONFIG_PASSPHRASE";

/** What the engine complained about, without the frame that the Automation API puts around it. */
function engineWords(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const complaints = lines.filter((line) => line.startsWith("error: "));
  const spoken = lines.filter((line) => line !== "" && !/^(code: |std(out|err): ?$)/.test(line));
  return (
    [...new Set(complaints.map((line) => line.replace("error: ", "")))].join("; ") ||
    (spoken[0] ?? "the engine gave no reason")
  );
}
