/** Reads the recorded Route 53 resources: which records answer for a name, and the health checks they depend on. */
import type { RecordedResource } from "../providers/aws/index.ts";

export type Target = "primary" | "alternate";

export interface FailoverRecord {
  target: Target;
  /** Host name that the record leads to. */
  hostname: string;
  healthCheckId?: string | undefined;
}

interface CommonCheck {
  id: string;
  /** Turns the outcome round. */
  inverted: boolean;
  /** Stopped checks count as healthy. */
  disabled: boolean;
}

export interface AlarmCheck extends CommonCheck {
  kind: "alarm";
  alarm: string;
  region: string;
  /** Status while the metric tells nothing. */
  whenInsufficient: "healthy" | "unhealthy" | "last-known";
}

export interface CalculatedCheck extends CommonCheck {
  kind: "calculated";
  children: string[];
  /** Healthy children that it takes. */
  threshold: number;
}

export interface EndpointCheck extends CommonCheck {
  kind: "endpoint";
  protocol: "http" | "tcp";
  hostname: string;
  path: string;
  /** Text that the answer's beginning has to contain. */
  search?: string | undefined;
  /** Checks in a row that change the status. */
  failureThreshold: number;
}

export type HealthCheck = AlarmCheck | CalculatedCheck | EndpointCheck;

export interface DnsView {
  records: FailoverRecord[];
  checks: Map<string, HealthCheck>;
}

/** Everything that decides where a public name leads. */
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
