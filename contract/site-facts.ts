/** Identity and role of one site, used by all of its components. */
import { recoveryPointBucket } from "./aws-names.ts";
import { type SiteName, type Role, type Topology, regionOf, otherSite, writingSite } from "./topology.ts";

export interface SiteFacts {
  /** Name prefix and both regions. */
  topology: Topology;
  /** Which of the two sites this is. */
  site: SiteName;
  /** Current role of the site. */
  role: Role;
  /** Kubernetes namespace of the site; the same at both sites. */
  namespace: string;
  /** SurrealDB namespace of the site's databases; the same at both sites. */
  databaseNamespace: string;
}

/** AWS region of this site. */
export const ownRegion = ({ topology, site }: SiteFacts): string => regionOf(topology, site);

/** Bucket of this site's region. */
export const ownBucket = ({ topology, site }: SiteFacts): string => recoveryPointBucket(topology, site);

/** The site whose bucket receives replicas: never the one that writes. */
export const replicaSite = ({ site, role }: SiteFacts): SiteName => otherSite(writingSite(site, role));
