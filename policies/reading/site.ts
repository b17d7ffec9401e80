/** Which site a stack deploys and what the site does now, read from what is about to be deployed. */
import type { ReportViolation } from "@pulumi/policy";
import { kubernetesNames, labels, type Role, type SiteName } from "../../plan/names.ts";
import { types } from "./types.ts";
import { ofType, textAt, type Found } from "./values.ts";

export interface SiteFound {
  site: SiteName;
  role: Role;
}

const isSite = (value: unknown): value is SiteName => value === "primary" || value === "alternate";
const isRole = (value: unknown): value is Role => value === "active" || value === "standby" || value === "isolated";

/** The site; reports a violation and returns undefined when it cannot be told. */
export function findSite(resources: readonly Found[], reportViolation: ReportViolation): SiteFound | undefined {
  const namespaces = ofType(resources, types.namespace).filter(
    ({ props }) => textAt(props, "metadata.name") === kubernetesNames.namespace,
  );
  const given = namespaces[0]?.props["metadata"]?.labels as Record<string, unknown> | undefined;
  const [site, role] = [given?.[labels.site], given?.[labels.role]];
  if (namespaces.length === 1 && isSite(site) && isRole(role)) return { site, role };
  reportViolation(
    `cannot tell which site this stack deploys: ${namespaces.length} namespace(s) "${kubernetesNames.namespace}" of type ` +
      `${types.namespace} with ${labels.site}=${String(site)} and ${labels.role}=${String(role)}; deploy one Site, which labels ` +
      `its namespace with primary or alternate and with active, standby or isolated`,
  );
  return undefined;
}
