/** What every component of one site has to know about it. */
import { recoveryPointBucket } from "./aws-names.ts";
import { type SiteName, type Role, type Topology, regionOf, otherSite, writingSite } from "./topology.ts";

export interface SiteFacts {
  /** Name prefix and both regions. */
  topology: Topology;
  /** Which of the two sites this is. */
  site: SiteName;
  /** What the site does now. */
  role: Role;
  /** Kubernetes namespace of everything that a site runs; the same at both sites. */
  namespace: string;
  /** SurrealDB namespace that holds the site's databases; the same at both sites. */
  databaseNamespace: string;
}

/** AWS region of this site. */
export const ownRegion = ({ topology, site }: SiteFacts): string => regionOf(topology, site);

/** Bucket of this site's region. */
export const ownBucket = ({ topology, site }: SiteFacts): string => recoveryPointBucket(topology, site);

/** The site that holds the copies: never the one that writes. */
export const replicaSite = ({ site, role }: SiteFacts): SiteName => otherSite(writingSite(site, role));
