/** Labels of every object. */
import { labels, type Role, type SiteName } from "../../../contract/index.ts";

/** What a pod belongs to: the services that users need, or the continuity jobs. */
export type Whole = "platform" | "continuity";

export const wholeLabel = "app.kubernetes.io/part-of";

/** Labels of one application's objects; the first is also its selector. */
export const labelsOf = (name: string, whole: Whole): Record<string, string> => ({
  [labels.name]: name,
  [wholeLabel]: whole,
});

export const selectorOf = (name: string): Record<string, string> => ({ [labels.name]: name });

export const siteLabels = (site: SiteName, role: Role): Record<string, string> => ({
  [labels.site]: site,
  [labels.role]: role,
});
