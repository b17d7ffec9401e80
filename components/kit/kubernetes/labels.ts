/** Labels and selectors of Kubernetes objects. */
import { labels, type Role, type SiteName } from "../../../contract/index.ts";

/** What a pod is part of: the services that users need, or the continuity jobs. */
export type PartOf = "platform" | "continuity";

export const partOfLabel = "app.kubernetes.io/part-of";

/** Labels of one application's objects; the name label is also the selector. */
export const labelsOf = (name: string, partOf: PartOf): Record<string, string> => ({
  [labels.name]: name,
  [partOfLabel]: partOf,
});

export const selectorOf = (name: string): Record<string, string> => ({ [labels.name]: name });

export const siteLabels = (site: SiteName, role: Role): Record<string, string> => ({
  [labels.site]: site,
  [labels.role]: role,
});
