/** What a stack's files say, read without the engine: its program, and its settings as the program gets them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CannotRun, type Problem } from "../cannot-run.ts";
import { findFileProblems } from "../project-files.ts";

export interface StackFiles {
  /** Path of the program's entry. */
  entry: string;
  /** By full key, as texts; values that are no texts are JSON. */
  config: Record<string, string>;
  /** Keys that are left out, because their values are encrypted. */
  encrypted: string[];
}

export interface StackPlace {
  projectDirectory: string;
  projectName: string;
  stack: string;
}

/** @throws CannotRun if a file is missing or damaged */
export function readStackFiles({ projectDirectory, projectName, stack }: StackPlace): StackFiles {
  const settings = join(projectDirectory, `Pulumi.${stack}.yaml`);
  const problems = findFileProblems({ projectDirectory, projectName, stack, env: {} });
  if (problems.length === 0 && !existsSync(settings)) problems.push(absent(stack, settings));
  if (problems.length > 0) throw new CannotRun(`stack "${stack}" cannot be rendered`, problems);
  const project = readYaml(join(projectDirectory, "Pulumi.yaml"));
  const entry = join(projectDirectory, typeof project["main"] === "string" ? project["main"] : "index.js");
  const ofStack = valuesIn(readYaml(settings), projectName);
  return { entry, ...readConfig({ ...defaultsIn(project, projectName), ...ofStack }) };
}

const absent = (stack: string, file: string): Problem => ({
  where: "--stack",
  value: stack,
  rule: `its settings must be in ${file}`,
  remedy: "name a stack whose settings are in the project, or set --project",
});

type Values = Record<string, unknown>;

const readYaml = (file: string): Values => (parse(readFileSync(file, "utf8")) ?? {}) as Values;

/** By full key: a short one is the project's own. */
const valuesIn = ({ config }: Values, projectName: string): Values =>
  Object.fromEntries(
    Object.entries((config ?? {}) as Values).map(([name, value]) => [
      name.includes(":") ? name : `${projectName}:${name}`,
      value,
    ]),
  );

/** What the project's file gives to every stack: the value of a setting, or its default. */
function defaultsIn(project: Values, projectName: string): Values {
  const given = Object.entries(valuesIn(project, projectName)).map(([key, declared]) => {
    if (typeof declared !== "object" || declared === null) return [key, declared];
    const { value, default: otherwise } = declared as Values;
    return [key, value ?? otherwise];
  });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Values;
}

function readConfig(values: Values): Pick<StackFiles, "config" | "encrypted"> {
  const config: Record<string, string> = {};
  const encrypted: string[] = [];
  for (const [key, value] of Object.entries(values)) {
    if (isEncrypted(value)) encrypted.push(key);
    else config[key] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return { config, encrypted };
}

/** Whether the value, or a value within it, is encrypted: `{ secure: ... }`. */
function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { secure } = value as { secure?: unknown };
  return typeof secure === "string" || Object.values(value).some(isEncrypted);
}
