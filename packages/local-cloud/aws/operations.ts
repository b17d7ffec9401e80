/** Determines the API operation of a request to any service except S3. */
import type { IncomingHttpHeaders } from "node:http";

export interface NamedRequest {
  service: string;
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Body of a form request, where the query protocol has its operation. */
  form?: string | undefined;
}

type Operation = [method: string, path: RegExp, operation: string];

/** Paths of EKS below `/clusters`. */
const inCluster = (method: string, path: string, operation: string): Operation => [
  method,
  new RegExp(`^/clusters/[^/]+${path}$`),
  operation,
];

const eks: Operation[] = [
  ["POST", /^\/clusters$/, "CreateCluster"],
  ["GET", /^\/clusters$/, "ListClusters"],
  inCluster("GET", "", "DescribeCluster"),
  inCluster("DELETE", "", "DeleteCluster"),
  inCluster("POST", "/update-config", "UpdateClusterConfig"),
  inCluster("POST", "/updates", "UpdateClusterVersion"),
  inCluster("POST", "/pod-identity-associations", "CreatePodIdentityAssociation"),
  inCluster("GET", "/pod-identity-associations", "ListPodIdentityAssociations"),
  inCluster("GET", "/pod-identity-associations/[^/]+", "DescribePodIdentityAssociation"),
  inCluster("POST", "/pod-identity-associations/[^/]+", "UpdatePodIdentityAssociation"),
  inCluster("DELETE", "/pod-identity-associations/[^/]+", "DeletePodIdentityAssociation"),
  inCluster("DELETE", "/access-entries/.+/access-policies/.+", "DisassociateAccessPolicy"),
  inCluster("POST", "/access-entries/.+/access-policies", "AssociateAccessPolicy"),
  inCluster("GET", "/access-entries/.+/access-policies", "ListAssociatedAccessPolicies"),
  inCluster("POST", "/access-entries", "CreateAccessEntry"),
  inCluster("GET", "/access-entries/.+", "DescribeAccessEntry"),
  inCluster("POST", "/access-entries/.+", "UpdateAccessEntry"),
  inCluster("DELETE", "/access-entries/.+", "DeleteAccessEntry"),
  ["POST", /^\/tags\/.+$/, "TagResource"],
  ["DELETE", /^\/tags\/.+$/, "UntagResource"],
];

/** REST services in use; their operations are identified by method and path only. */
const rest: Record<string, Operation[]> = {
  eks,
  scheduler: [
    ["GET", /^\/schedules$/, "ListSchedules"],
    ["POST", /^\/schedules\/[^/]+$/, "CreateSchedule"],
    ["PUT", /^\/schedules\/[^/]+$/, "UpdateSchedule"],
    ["GET", /^\/schedules\/[^/]+$/, "GetSchedule"],
    ["DELETE", /^\/schedules\/[^/]+$/, "DeleteSchedule"],
    ["GET", /^\/schedule-groups$/, "ListScheduleGroups"],
    ["POST", /^\/schedule-groups\/[^/]+$/, "CreateScheduleGroup"],
    ["GET", /^\/schedule-groups\/[^/]+$/, "GetScheduleGroup"],
    ["DELETE", /^\/schedule-groups\/[^/]+$/, "DeleteScheduleGroup"],
    ["GET", /^\/tags\//, "ListTagsForResource"],
    ["POST", /^\/tags\//, "TagResource"],
    ["DELETE", /^\/tags\//, "UntagResource"],
  ],
  route53: [
    ["GET", /\/hostedzone$/, "ListHostedZones"],
    ["POST", /\/hostedzone$/, "CreateHostedZone"],
    ["POST", /\/hostedzone\/[^/]+\/rrset\/?$/, "ChangeResourceRecordSets"],
    ["GET", /\/hostedzone\/[^/]+\/rrset$/, "ListResourceRecordSets"],
    ["GET", /\/hostedzone\/[^/]+$/, "GetHostedZone"],
    ["DELETE", /\/hostedzone\/[^/]+$/, "DeleteHostedZone"],
    ["POST", /\/healthcheck$/, "CreateHealthCheck"],
    ["POST", /\/healthcheck\/[^/]+$/, "UpdateHealthCheck"],
    ["GET", /\/healthcheck\/[^/]+$/, "GetHealthCheck"],
    ["DELETE", /\/healthcheck\/[^/]+$/, "DeleteHealthCheck"],
    ["GET", /\/hostedzonesbyname$/, "ListHostedZonesByName"],
    ["POST", /\/hostedzone\/[^/]+$/, "UpdateHostedZoneComment"],
    ["GET", /\/tags\/[^/]+\/[^/]+$/, "ListTagsForResource"],
    ["POST", /\/tags\/[^/]+\/[^/]+$/, "ChangeTagsForResource"],
  ],
};

/** JSON protocols have it in a header, RPC in the path, query in a parameter; REST only in method and path. */
export function operationName(request: NamedRequest): string {
  const target = request.headers["x-amz-target"];
  if (typeof target === "string") return target.slice(target.lastIndexOf(".") + 1);
  const rpc = /^\/service\/[^/]+\/operation\/(\w+)$/.exec(request.path)?.[1];
  if (rpc !== undefined) return rpc;
  const action = request.query.get("Action") ?? /(?:^|&)Action=(\w+)/.exec(request.form ?? "")?.[1];
  if (action !== undefined) return action;
  const known = rest[request.service]?.find(([method, path]) => method === request.method && path.test(request.path));
  return known?.[2] ?? `${request.method} ${request.path}`;
}
