/** Whether the files of a project are there and readable, before the engine is asked, whose own words for it lead astray. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { cut } from "../contract/problems.ts";
import { shortReason, type Problem } from "./cannot-run.ts";

export interface Wanted {
  stack: string;
  projectDirectory: string;
  /** Name that the project must have. */
  projectName: string;
  /** Environment of the engine. */
  env: Readonly<Record<string, string | undefined>>;
}

export const findFileProblems = (wanted: Wanted): Problem[] =>
  [findProjectProblem(wanted), ...findSettingsProblems(wanted)].filter((problem) => problem !== undefined);

export function findProjectProblem({ projectDirectory, projectName }: Wanted): Problem | undefined {
  const file = join(projectDirectory, "Pulumi.yaml");
  const remedy = "set --project to the project directory, or run the command there";
  if (!existsSync(file)) {
    return { where: "--project", value: projectDirectory, rule: "it must contain Pulumi.yaml", remedy };
  }
  const content = readMapping(file);
  if (content.damage) return content.damage;
  const name = content.data?.["name"];
  if (name === projectName) return undefined;
  const rule = `it must be the project ${projectName}`;
  return { where: `name in ${file}`, value: cut(JSON.stringify(name) ?? "missing"), rule, remedy };
}

/** The engine names neither the file nor what is wrong with it. */
function findSettingsProblems({ projectDirectory, stack }: Wanted): (Problem | undefined)[] {
  const name = stack.split("/").at(-1) ?? stack; // without organization and project
  const files = [".yaml", ".yml"].map((ending) => join(projectDirectory, `Pulumi.${name}${ending}`));
  return files.filter((file) => existsSync(file)).map((file) => readMapping(file, ["config"]).damage);
}

type Mapping = Readonly<Record<string, unknown>>;

/** The file's content, or what is wrong: it, and its given parts where they are there, must be mappings. */
function readMapping(file: string, parts: readonly string[] = []): { data?: Mapping | undefined; damage?: Problem } {
  const damage = (where: string, value: string, rule: string) => ({
    damage: { where, value, rule, remedy: `restore it, e.g. with git checkout ${file}` },
  });
  try {
    const data = (parse(readFileSync(file, "utf8")) ?? undefined) as unknown;
    if (data !== undefined && !isMapping(data))
      return damage(file, cut(JSON.stringify(data), 80), "it must be a mapping");
    for (const part of parts) {
      const value = data?.[part] ?? undefined;
      if (value === undefined || isMapping(value)) continue;
      return damage(`${part} in ${file}`, cut(JSON.stringify(value), 80), "it must be a mapping");
    }
    return { data };
  } catch (error) {
    return damage(file, "not readable", `it must be YAML (${shortReason(error).replace(/:$/, "")})`);
  }
}

const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);
