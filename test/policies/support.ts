/** A good stack for the policies: what the program really registers, changed in one place by each test. */
import * as pulumi from "@pulumi/pulumi";
import { unknownCheckingProxy, type PolicyResource, type StackValidationPolicy } from "@pulumi/policy";
import type { Role, SiteName } from "../../contract/index.ts";
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

/** Changes one good stack before a policy sees it. */
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

/** As the SDK hands a resource to a policy: a read of an unknown value throws. */
const guarded = (resource: Resource): Resource => ({
  ...resource,
  props: unknownCheckingProxy(resource.props),
  ...(resource.provider && { provider: { props: unknownCheckingProxy(resource.provider.props) } }),
});

/** What the policy reports on the program's stack of that site and role after one change. */
export async function violations(
  policy: StackValidationPolicy,
  [site, role]: readonly [SiteName, Role],
  change: Change = () => undefined,
  config: Record<string, string> = {},
): Promise<Violation[]> {
  const resources = await goodStack(site, role);
  change(resources);
  pulumi.runtime.setAllConfig({ ...stackConfig(site, role), ...withProject(config) });
  return judge(policy, resources);
}

/** What the program registers for that site and role. */
export async function goodStack(site: SiteName, role: Role): Promise<Resource[]> {
  const { resources: all } = await deployed(site, role);
  return all.map((found) => asPolicySees(found, all));
}

/**
 * What the policy reports on these resources, with the configuration that is set.
 * @param mayBeUnknown which of them get the SDK's guard against unknown values. @default all
 */
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

/** Leaves a resource out of the stack. */
export const without =
  (type: string, name: string): Change =>
  (resources) => {
    resources.splice(resources.indexOf(matching(resources, type, name)), 1);
  };

/** Gives every resource of a type another type, as a provider that renames it would. */
export const renamed =
  (type: string): Change =>
  (resources) => {
    const found = resources.filter((resource) => resource.type === type);
    if (found.length === 0) throw new Error(`the program registers no ${type}`);
    for (const resource of found) resource.type = `${type}V2`;
  };
