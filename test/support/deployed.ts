/** The unchanged program of one stack, run under mocks once per stack and role. */
import * as pulumi from "@pulumi/pulumi";
import { deployStack, readSettings, type StackOutputs } from "../../components/stack/index.ts";
import type { Role, StackPart } from "../../contract/index.ts";
import { plan, stackConfig, withProject, zoneLookup } from "./fixtures.ts";
import { made, settled, startMocks, type Made } from "./pulumi-mocks.ts";

export interface Deployed {
  /** The shared stack has the required ones only. */
  outputs: Required<StackOutputs>;
  resources: readonly Made[];
}

const known = new Map<string, Deployed>();

/** Runs the program or reuses its result; `made` then contains the registered resources. */
export async function deployed(site: StackPart, role?: Role, changes: Record<string, string> = {}): Promise<Deployed> {
  const key = `${site} ${role} ${JSON.stringify(changes)}`;
  const remembered = known.get(key);
  if (remembered !== undefined) {
    made.splice(0, made.length, ...structuredClone(remembered.resources));
    return remembered;
  }
  await startMocks(site === "shared" ? zoneLookup : {}, {
    ...stackConfig(site, role),
    ...withProject(changes),
  });
  const outputs = deployStack(readSettings(new pulumi.Config()), plan) as Required<StackOutputs>;
  await settled();
  const result = { outputs, resources: structuredClone(made) };
  known.set(key, result);
  return result;
}
