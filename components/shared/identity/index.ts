export { SiteRoles, type SiteRolesArgs } from "./site-roles.ts";
