/** What Route 53 refuses of a health check, and the official provider at the preview. */
import { number, text, texts } from "../../inputs.ts";
import { arns, bounds, longest, oneOf } from "../../rules.ts";
import type { CheckFailure } from "../../../provider.ts";
import type { Properties } from "../../../values.ts";

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

export function healthCheckProblems(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string): void => void failures.push({ property, reason });
  const type = text(inputs, "type");
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
  return [...failures, ...valueProblems(inputs), ...checkerProblems(inputs)];
}

function valueProblems(inputs: Properties): CheckFailure[] {
  const interval = number(inputs, "requestInterval");
  return [
    ...oneOf(inputs, "type", checkTypes),
    ...oneOf(inputs, "insufficientDataHealthStatus", ["Healthy", "LastKnownStatus", "Unhealthy"]),
    ...(interval !== undefined && interval !== 10 && interval !== 30
      ? [{ property: "requestInterval", reason: `is ${interval} s, but must be 10 or 30` }]
      : []),
    ...bounds(inputs, "failureThreshold", { least: 1, most: 10 }),
    ...bounds(inputs, "childHealthThreshold", { least: 0, most: 256 }),
    ...["fqdn", "resourcePath", "searchString"].flatMap((property) => longest(inputs, property, 255)),
    ...longest(inputs, "referenceName", 27),
    ...arns(inputs, "routingControlArn"),
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
