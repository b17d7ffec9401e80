export { PodIdentities, servicesServiceAccount, type PodIdentitiesArgs } from "./pod-identities.ts";
export { SiteRoles, type SiteRolesArgs } from "./site-roles.ts";
