/** Reads from a request's signature whom it is meant for: the region and service that its sender chose. */
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
  // An asymmetric signature is good for a set of regions, which it names apart.
  if (parts.length !== 4 || parts[3] !== "aws4_request") return undefined;
  const regions = headers["x-amz-region-set"] ?? query.get("X-Amz-Region-Set") ?? "";
  return { region: String(regions).split(",")[0] ?? "", service: parts[2] ?? "" };
}

export interface Attribution {
  /** Region whose outage stops the request, or "global". */
  region: string;
  service: string;
}

/** Where a request ends up: where its signature says, as DNS would have led it; unsigned ones stay where they arrived. */
export function attribute(scope: Scope | undefined, arrivedAt: string, regions: readonly string[]): Attribution {
  if (!scope) return { region: arrivedAt, service: "unsigned" };
  const { region, service } = scope;
  const oneControlPlane = globalServices.has(service) || (service === "sts" && !regions.includes(region));
  return { region: oneControlPlane ? "global" : region, service };
}
