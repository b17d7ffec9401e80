/** Interprets recorded Route 53 resources: the records of a name and all health checks. */
import type { RecordedResource } from "../providers/aws/index.ts";

/** Failover role of a record. */
export type Target = "primary" | "alternate";

export interface FailoverRecord {
  target: Target;
  /** Host name that the record resolves to. */
  hostname: string;
  healthCheckId?: string | undefined;
}

interface CommonCheck {
  id: string;
  /** Whether the result is inverted. */
  inverted: boolean;
  /** Disabled checks count as healthy. */
  disabled: boolean;
}

export interface AlarmCheck extends CommonCheck {
  kind: "alarm";
  alarm: string;
  region: string;
  /** Status while data is insufficient. */
  whenInsufficient: "healthy" | "unhealthy" | "last-known";
}

export interface CalculatedCheck extends CommonCheck {
  kind: "calculated";
  children: string[];
  /** Number of healthy children that is required. */
  threshold: number;
}

export interface EndpointCheck extends CommonCheck {
  kind: "endpoint";
  protocol: "http" | "tcp";
  hostname: string;
  path: string;
  /** Text that the first 5120 bytes of the response must contain. */
  search?: string | undefined;
  /** Consecutive results that change the status. */
  failureThreshold: number;
}

export type HealthCheck = AlarmCheck | CalculatedCheck | EndpointCheck;

export interface DnsView {
  records: FailoverRecord[];
  checks: Map<string, HealthCheck>;
}

/** Records and health checks that determine the answer for a name. */
export function dnsView(resources: readonly RecordedResource[], hostname: string): DnsView {
  const of = (type: string): RecordedResource[] => resources.filter((resource) => resource.type === type);
  return {
    records: of("aws:route53/record:Record").flatMap((record) => failoverRecord(propertiesOf(record), hostname)),
    checks: new Map(of("aws:route53/healthCheck:HealthCheck").map((check) => [check.id, healthCheck(check)])),
  };
}

type Properties = Record<string, unknown>;

const propertiesOf = ({ inputs, outputs }: RecordedResource): Properties => ({ ...inputs, ...outputs });

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const withoutDot = (name: string): string => name.replace(/\.$/, "").toLowerCase();

const addressTypes = new Set(["A", "AAAA", "CNAME"]);

function failoverRecord(record: Properties, hostname: string): FailoverRecord[] {
  const name = withoutDot(text(record["fqdn"]) ?? text(record["name"]) ?? "");
  if (name !== withoutDot(hostname) || !addressTypes.has(String(record["type"]))) return [];
  const [policy] = list(record["failoverRoutingPolicies"]) as { type?: string }[];
  const [alias] = list(record["aliases"]) as { name?: string }[];
  const to = text(list(record["records"])[0]) ?? text(alias?.name);
  if (to === undefined) return [];
  return [
    {
      target: policy?.type === "SECONDARY" ? "alternate" : "primary",
      hostname: withoutDot(to),
      healthCheckId: text(record["healthCheckId"]),
    },
  ];
}

function healthCheck(resource: RecordedResource): HealthCheck {
  const check = propertiesOf(resource);
  const type = String(check["type"]);
  const common = {
    id: resource.id,
    inverted: check["invertHealthcheck"] === true,
    disabled: check["disabled"] === true,
  };
  if (type === "CLOUDWATCH_METRIC") return { ...common, ...alarmCheck(check) };
  if (type === "CALCULATED")
    return {
      ...common,
      kind: "calculated",
      children: list(check["childHealthchecks"]).map(String),
      threshold: Number(check["childHealthThreshold"] ?? 0),
    };
  if (/^(HTTPS?(_STR_MATCH)?|TCP)$/.test(type)) return { ...common, ...endpointCheck(check, type) };
  throw new Error(`health check ${resource.name}: type ${type} is not emulated`);
}

function alarmCheck(check: Properties): Omit<AlarmCheck, keyof CommonCheck> {
  const statuses: Record<string, AlarmCheck["whenInsufficient"]> = {
    Healthy: "healthy",
    Unhealthy: "unhealthy",
    LastKnownStatus: "last-known",
  };
  return {
    kind: "alarm",
    alarm: String(check["cloudwatchAlarmName"]),
    region: String(check["cloudwatchAlarmRegion"]),
    whenInsufficient: statuses[String(check["insufficientDataHealthStatus"])] ?? "last-known",
  };
}

function endpointCheck(check: Properties, type: string): Omit<EndpointCheck, keyof CommonCheck> {
  return {
    kind: "endpoint",
    protocol: type === "TCP" ? "tcp" : "http",
    hostname: withoutDot(text(check["fqdn"]) ?? text(check["ipAddress"]) ?? ""),
    path: text(check["resourcePath"]) ?? "/",
    search: text(check["searchString"]),
    failureThreshold: Number(check["failureThreshold"] ?? 3),
  };
}
