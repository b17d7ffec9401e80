/** The two sites, their regions and their roles. */

/** Which of the two regions a stack owns. */
export type SiteName = "primary" | "alternate";

/** What one stack deploys: a site, or what both sites share. */
export type StackPart = SiteName | "shared";

/** Current role of a site: the only setting that a failover changes. */
export type Role = "active" | "standby" | "isolated";

/** Who may shorten the lock of a recovery point: nobody, or a role with `s3:BypassGovernanceRetention`. */
export type LockMode = "COMPLIANCE" | "GOVERNANCE";

export interface Topology {
  /** Prefix of every physical name; lower-case letters, digits and hyphens, 3 to 24 characters. */
  namePrefix: string;
  /** AWS region of the primary site, e.g. `eu-west-1`. */
  primaryRegion: string;
  /** AWS region of the alternate site; must differ from the primary's. */
  alternateRegion: string;
}

export const regionOf = (topology: Topology, site: SiteName): string =>
  site === "primary" ? topology.primaryRegion : topology.alternateRegion;

export const otherSite = (site: SiteName): SiteName => (site === "primary" ? "alternate" : "primary");

/** The site whose exports count: this one if it is active, otherwise the other one. */
export const writingSite = (site: SiteName, role: Role): SiteName => (role === "active" ? site : otherSite(site));
