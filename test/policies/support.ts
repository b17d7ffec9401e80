/** A compliant stack for the policies: what the program registers, changed in one place by each test. */
import * as pulumi from "@pulumi/pulumi";
import { unknownCheckingProxy, type PolicyResource, type StackValidationPolicy } from "@pulumi/policy";
import type { Role, StackPart } from "../../contract/index.ts";
import { deployed } from "../support/deployed.ts";
import { stackConfig, withProject } from "../support/fixtures.ts";
import type { Made } from "../support/pulumi-mocks.ts";

export interface Resource {
  type: string;
  name: string;
  urn: string;
  props: Record<string, unknown>;
  opts: { protect: boolean };
  provider?: { props: Record<string, unknown> };
}

/** Changes a compliant stack before evaluation. */
export type Change = (resources: Resource[]) => void;

export interface Violation {
  message: string;
  urn: string | undefined;
}

const regionOf = (resources: readonly Made[], provider: string): unknown =>
  resources.find(({ type, name }) => type === "pulumi:providers:aws" && name === provider)?.inputs["region"];

const asPolicySees = (found: Made, all: readonly Made[]): Resource => ({
  type: found.type,
  name: found.name,
  urn: found.urn,
  props: structuredClone(found.inputs),
  opts: { protect: found.protect },
  ...(found.type.startsWith("aws:") ? { provider: { props: { region: regionOf(all, found.provider) } } } : {}),
});

/** A resource as passed by the SDK: reading an unknown value throws. */
const guarded = (resource: Resource): Resource => ({
  ...resource,
  props: unknownCheckingProxy(resource.props),
  ...(resource.provider && { provider: { props: unknownCheckingProxy(resource.provider.props) } }),
});

/** Violations reported for the program's stack, of a site with its role or shared, after one change. */
export async function violations(
  policy: StackValidationPolicy,
  [site, role]: readonly [StackPart, Role?],
  change: Change = () => undefined,
  config: Record<string, string> = {},
): Promise<Violation[]> {
  const resources = await goodStack(site, role);
  change(resources);
  pulumi.runtime.setAllConfig({ ...stackConfig(site, role), ...withProject(config) });
  return judge(policy, resources);
}

/** Resources registered by the program for a stack and role. */
export async function goodStack(site: StackPart, role?: Role): Promise<Resource[]> {
  const { resources: all } = await deployed(site, role);
  return all.map((found) => asPolicySees(found, all));
}

/** Violations reported for these resources with the current configuration. */
export async function judge(
  policy: StackValidationPolicy,
  resources: readonly Resource[],
  mayBeUnknown: (index: number) => boolean = () => true,
): Promise<Violation[]> {
  const reported: Violation[] = [];
  const args = {
    resources: resources.map((one, index) => (mayBeUnknown(index) ? guarded(one) : one)) as unknown as PolicyResource[],
    stackTags: new Map<string, string>(),
    getConfig: <T extends object>() => ({}) as T,
    notApplicable: (reason?: string): never => {
      throw new Error(`not applicable: ${reason ?? ""}`);
    },
  };
  await policy.validateStack(args, (message, urn) => reported.push({ message, urn }));
  return reported;
}

const matching = (resources: Resource[], type: string, name: string): Resource => {
  const found = resources.find((resource) => resource.type === type && resource.name === name);
  if (!found) throw new Error(`the program registers no ${type} ${name}`);
  return found;
};

/** Sets the value at a path such as `spec.schedule`; undefined removes it. */
export const set =
  (type: string, name: string, path: string, value: unknown): Change =>
  (resources) => {
    const keys = path.split(".");
    const last = keys.pop()!;
    const target = keys.reduce<Record<string, unknown>>(
      (at, key) => at[key] as Record<string, unknown>,
      matching(resources, type, name).props,
    );
    if (value === undefined) delete target[last];
    else target[last] = value;
  };

/** Removes a resource from the stack. */
export const without =
  (type: string, name: string): Change =>
  (resources) => {
    resources.splice(resources.indexOf(matching(resources, type, name)), 1);
  };

/** Renames a resource type, as a provider might. */
export const renamed =
  (type: string): Change =>
  (resources) => {
    const found = resources.filter((resource) => resource.type === type);
    if (found.length === 0) throw new Error(`the program registers no ${type}`);
    for (const resource of found) resource.type = `${type}V2`;
  };
