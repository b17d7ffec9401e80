/** Scheme and port of a site's load balancer. */
export interface SiteEndpoint {
  /** Protocol, also of the public URL. */
  scheme: "http" | "https";
  /** TCP port of the load balancer. */
  port: number;
}

/**
 * TLS if the site's stack sets a certificate, plain HTTP otherwise. Both sites need the same, since clients use one
 * public URL for both.
 */
export const siteEndpoint = (certificateArn: string | undefined): SiteEndpoint =>
  certificateArn === undefined ? { scheme: "http", port: 80 } : { scheme: "https", port: 443 };
