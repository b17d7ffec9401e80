/** How a site is reached at its load balancer. */

/** How a site answers at its load balancer. */
export interface SiteEndpoint {
  scheme: "http" | "https";
  port: number;
}

/**
 * TLS where the site's stack names a certificate, plain HTTP otherwise. Both sites need the same: users come to the
 * public name in one way, whichever site it leads to.
 */
export const siteEndpoint = (certificateArn: string | undefined): SiteEndpoint =>
  certificateArn === undefined ? { scheme: "http", port: 80 } : { scheme: "https", port: 443 };
