/** Labels of every object, and those that policies and operators read. */
import type { Role, SiteName } from "../../plan/names.ts";

/** `primary` or `alternate`; on the namespace. */
export const siteLabel = "continuity.vapora/site";

/** `active`, `standby` or `isolated`; on the namespace. */
export const roleLabel = "continuity.vapora/role";

/** Tier of a service, 1 the most critical. */
export const tierLabel = "continuity.vapora/tier";

export const nameLabel = "app.kubernetes.io/name";

/** Labels of one application's objects; the first is also its selector. */
export const labelsOf = (name: string, partOf: string): Record<string, string> => ({
  [nameLabel]: name,
  "app.kubernetes.io/part-of": partOf,
});

export const selectorOf = (name: string): Record<string, string> => ({ [nameLabel]: name });

export const siteLabels = (site: SiteName, role: Role): Record<string, string> => ({
  [siteLabel]: site,
  [roleLabel]: role,
});
