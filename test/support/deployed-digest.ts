/** One line per resource of each stack and role: what Pulumi would compare with an existing stack's state. */
import { createHash } from "node:crypto";
import type { Role, StackPart } from "../../contract/index.ts";
import { deployed } from "./deployed.ts";
import type { Made } from "./pulumi-mocks.ts";

export const stacks: readonly (readonly [StackPart, Role?])[] = [
  ["shared"],
  ...(["primary", "alternate"] as const).flatMap((site) =>
    (["active", "standby", "isolated"] as const).map((role) => [site, role] as const),
  ),
];

/** With sorted keys, so that moving code changes nothing. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
};

/** Every resource's URN with a digest of its inputs and options. */
export async function deployedDigest(site: StackPart, role?: Role): Promise<Record<string, string>> {
  return digestOf((await deployed(site, role)).resources);
}

export function digestOf(resources: readonly Made[]): Record<string, string> {
  const entries = resources.map(({ urn, inputs, provider, protect, retainOnDelete, ignoreChanges }) => {
    const text = JSON.stringify(ordered({ inputs, provider, protect, retainOnDelete, ignoreChanges }));
    return [urn, createHash("sha256").update(text).digest("hex").slice(0, 12)] as const;
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
