/** Region and service of a request, from its signature. */
import type { IncomingHttpHeaders } from "node:http";

export interface Scope {
  region: string;
  service: string;
}

/** Services with one control plane for all regions; S3 and STS have regional ones. */
const globalServices = new Set([
  "account",
  "budgets",
  "ce",
  "cloudfront",
  "globalaccelerator",
  "iam",
  "networkmanager",
  "organizations",
  "route53",
  "route53-recovery-control-config",
  "route53domains",
  "shield",
  "support",
  "waf",
]);

/** The scope of a signature in the header or, presigned, in the query; `undefined` for an unsigned request. */
export function signedScope(headers: IncomingHttpHeaders, query: URLSearchParams): Scope | undefined {
  const credential =
    /\bCredential=([^,\s]+)/.exec(headers.authorization ?? "")?.[1] ?? query.get("X-Amz-Credential") ?? "";
  const parts = credential.split("/");
  if (parts.length === 5 && parts[4] === "aws4_request") return { region: parts[2] ?? "", service: parts[3] ?? "" };
  // SigV4A is valid for a set of regions, in a header or parameter of its own.
  if (parts.length !== 4 || parts[3] !== "aws4_request") return undefined;
  const regions = headers["x-amz-region-set"] ?? query.get("X-Amz-Region-Set") ?? "";
  return { region: String(regions).split(",")[0] ?? "", service: parts[2] ?? "" };
}

export interface Attribution {
  /** Region whose outage stops the request, or "global". */
  region: string;
  service: string;
}

/** Region that serves a request: that of its signature, as DNS would route it; for unsigned ones, where it arrived. */
export function attribute(scope: Scope | undefined, arrivedAt: string, regions: readonly string[]): Attribution {
  if (!scope) return { region: arrivedAt, service: "unsigned" };
  const { region, service } = scope;
  const oneControlPlane = globalServices.has(service) || (service === "sts" && !regions.includes(region));
  return { region: oneControlPlane ? "global" : region, service };
}
