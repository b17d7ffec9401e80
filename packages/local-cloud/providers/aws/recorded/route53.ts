/** Zones, records and health checks, which the failover routing evaluates. */
import { needed, number, objects, text, texts } from "../inputs.ts";
import type { CheckFailure } from "../../provider.ts";
import { unknown, type Properties } from "../../values.ts";
import { hashOf } from "./hash.ts";
import type { RecordKind } from "./record-kind.ts";

/** Lower case, without the trailing dot. */
export const zoneName = (name: string): string => name.replace(/\.$/, "").toLowerCase();

/** The public zone of a name in an account. */
export const zoneOf = (name: string, accountId: string): { zoneId: string; nameServers: string[] } => {
  const hash = hashOf("zone", accountId, zoneName(name));
  const number = Number.parseInt(hash.hex(2), 16);
  const nameServers = ["com", "net", "org", "co.uk"].map(
    (end, index) => `ns-${number + index * 512}.awsdns-${number % 64}.${end}`,
  );
  return { zoneId: `Z${hash.capitals(20)}`, nameServers };
};

const zone: RecordKind = {
  token: "aws:route53/zone:Zone",
  immutable: ["name", "delegationSetId"],
  id: ({ aws, inputs }) => zoneOf(needed(inputs, "name"), aws.accountId).zoneId,
  outputs: (id, { aws, inputs }) => {
    const { nameServers } = zoneOf(needed(inputs, "name"), aws.accountId);
    return {
      zoneId: id,
      arn: `arn:aws:route53:::hostedzone/${id}`,
      name: zoneName(needed(inputs, "name")),
      nameServers,
      primaryNameServer: nameServers[0] ?? "",
    };
  },
};

const record: RecordKind = {
  token: "aws:route53/record:Record",
  immutable: ["zoneId", "name", "type", "setIdentifier"],
  problems: recordProblems,
  id: ({ inputs }) =>
    [
      needed(inputs, "zoneId"),
      needed(inputs, "name").toLowerCase(),
      needed(inputs, "type"),
      text(inputs, "setIdentifier"),
    ]
      .filter((part) => part !== undefined)
      .join("_"),
  outputs: (_id, { inputs, resources }) => {
    const own = zoneName(needed(inputs, "name"));
    const parent = resources().find(({ type, id }) => type === zone.token && id === inputs.zoneId);
    const suffix = parent ? zoneName(needed(parent.outputs, "name")) : "";
    const inside = suffix === "" || own === suffix || own.endsWith(`.${suffix}`);
    return { fqdn: inside ? own : `${own}.${suffix}` };
  },
};

const routingPolicies = [
  "failoverRoutingPolicies",
  "geolocationRoutingPolicies",
  "latencyRoutingPolicies",
  "weightedRoutingPolicies",
] as const;

function recordProblems(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string): void => void failures.push({ property, reason });
  const alias = inputs.aliases !== undefined;
  const policies = routingPolicies.filter((policy) => inputs[policy] !== undefined);
  if (alias && (inputs.ttl !== undefined || inputs.records !== undefined))
    refuse("aliases", "conflicts with ttl and records");
  if (!alias && inputs.records === undefined) refuse("records", "records or aliases is required");
  if (!alias && inputs.ttl === undefined) refuse("ttl", "ttl is required with records");
  if (policies.length > 1) refuse(policies[1] ?? "", `conflicts with ${policies[0]}: a record has one routing policy`);
  if (policies.length > 0 && inputs.setIdentifier === undefined)
    refuse("setIdentifier", `setIdentifier is required with ${policies[0]}`);
  if (text(inputs, "type") === "CNAME" && texts(inputs, "records").length > 1)
    refuse("records", "a CNAME must have exactly one record");
  for (const { type } of objects(inputs, "failoverRoutingPolicies"))
    if (type !== "PRIMARY" && type !== "SECONDARY" && type !== unknown)
      refuse("failoverRoutingPolicies[0].type", `is ${JSON.stringify(type)}, but must be PRIMARY or SECONDARY`);
  return failures;
}

const checkTypes = [
  "HTTP",
  "HTTPS",
  "HTTP_STR_MATCH",
  "HTTPS_STR_MATCH",
  "TCP",
  "CALCULATED",
  "CLOUDWATCH_METRIC",
  "RECOVERY_CONTROL",
];
const checkerRegions = [
  "us-east-1",
  "us-west-1",
  "us-west-2",
  "eu-west-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-northeast-1",
  "sa-east-1",
];

const healthCheck: RecordKind = {
  token: "aws:route53/healthCheck:HealthCheck",
  immutable: ["type", "requestInterval", "measureLatency", "referenceName", "routingControlArn"],
  problems: healthCheckProblems,
  id: ({ hash }) => hash.uuid(),
  outputs: (id) => ({ arn: `arn:aws:route53:::healthcheck/${id}` }),
};

function healthCheckProblems(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string): void => void failures.push({ property, reason });
  const type = text(inputs, "type");
  if (type !== undefined && !checkTypes.includes(type))
    refuse("type", `is ${type}, but must be one of ${checkTypes.join(", ")}`);
  const needs = (property: string): void => {
    if (inputs[property] === undefined) refuse(property, `${property} is required with type ${type}`);
  };
  if (type === "CLOUDWATCH_METRIC") ["cloudwatchAlarmName", "cloudwatchAlarmRegion"].forEach(needs);
  if (type === "CALCULATED") ["childHealthchecks", "childHealthThreshold"].forEach(needs);
  if (type === "RECOVERY_CONTROL") needs("routingControlArn");
  if (type?.endsWith("_STR_MATCH")) needs("searchString");
  if (/^(HTTP|TCP)/.test(type ?? "")) {
    if (inputs.fqdn === undefined && inputs.ipAddress === undefined)
      refuse("fqdn", `fqdn or ipAddress is required with type ${type}`);
    if (type === "TCP") needs("port");
  }
  failures.push(...intervalProblems(inputs), ...checkerProblems(inputs));
  return failures;
}

function intervalProblems(inputs: Properties): CheckFailure[] {
  const interval = number(inputs, "requestInterval");
  const threshold = number(inputs, "failureThreshold");
  return [
    ...(interval !== undefined && interval !== 10 && interval !== 30
      ? [{ property: "requestInterval", reason: `is ${interval} s, but must be 10 or 30` }]
      : []),
    ...(threshold !== undefined && (threshold < 1 || threshold > 10)
      ? [{ property: "failureThreshold", reason: `is ${threshold}, but must be 1 to 10` }]
      : []),
  ];
}

function checkerProblems(inputs: Properties): CheckFailure[] {
  if (!Array.isArray(inputs.regions)) return [];
  const regions = texts(inputs, "regions");
  const without = regions.filter((region) => !checkerRegions.includes(region));
  return [
    ...(inputs.regions.length < 3
      ? [{ property: "regions", reason: `has ${inputs.regions.length} regions, but at least 3 are required` }]
      : []),
    ...without.map((region) => ({
      property: "regions",
      reason: `${region} has no health checkers; use ${checkerRegions.join(", ")}`,
    })),
  ];
}

export const route53: RecordKind[] = [zone, record, healthCheck];
