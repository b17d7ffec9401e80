/** Health checks. */
import { randomUUID } from "node:crypto";
import type {
  CreateHealthCheckCommandInput,
  HealthCheckConfig,
  UpdateHealthCheckCommandInput,
} from "@aws-sdk/client-route-53";
import { unlessAbsent } from "../../absent.ts";
import type { Aws } from "../../access.ts";
import { route53 } from "../../clients.ts";
import { flag, needed, number, text, texts } from "../../inputs.ts";
import { finish, type ResourceType } from "../../resource-type.ts";
import { defined, type Properties } from "../../../values.ts";
import { healthCheckProblems } from "./health-check-problems.ts";
import { changeTags, readTags } from "./tags.ts";

/** All settings of a check; a type has only some of them. */
function configOf(inputs: Properties): HealthCheckConfig {
  const alarm = text(inputs, "cloudwatchAlarmName");
  const checked = /^(HTTP|TCP)/.test(text(inputs, "type") ?? "");
  const children = texts(inputs, "childHealthchecks");
  const wanted = {
    Type: text(inputs, "type"),
    IPAddress: text(inputs, "ipAddress"),
    Port: number(inputs, "port"),
    ResourcePath: text(inputs, "resourcePath"),
    FullyQualifiedDomainName: text(inputs, "fqdn"),
    SearchString: text(inputs, "searchString"),
    RequestInterval: number(inputs, "requestInterval"),
    FailureThreshold: number(inputs, "failureThreshold") ?? (checked ? 3 : undefined),
    MeasureLatency: checked ? (flag(inputs, "measureLatency") ?? false) : undefined,
    Inverted: flag(inputs, "invertHealthcheck") ?? false,
    Disabled: flag(inputs, "disabled") ?? false,
    HealthThreshold: number(inputs, "childHealthThreshold"),
    ChildHealthChecks: children.length > 0 ? children : undefined,
    EnableSNI: flag(inputs, "enableSni"),
    Regions: texts(inputs, "regions").length > 0 ? texts(inputs, "regions") : undefined,
    AlarmIdentifier: alarm === undefined ? undefined : { Name: alarm, Region: needed(inputs, "cloudwatchAlarmRegion") },
    InsufficientDataHealthStatus: text(inputs, "insufficientDataHealthStatus"),
    RoutingControlArn: text(inputs, "routingControlArn"),
  };
  return defined(wanted as Properties) as unknown as HealthCheckConfig;
}

function inputsOf(found: HealthCheckConfig): Properties {
  return defined({
    childHealthThreshold: found.HealthThreshold,
    childHealthchecks: found.ChildHealthChecks,
    cloudwatchAlarmName: found.AlarmIdentifier?.Name,
    cloudwatchAlarmRegion: found.AlarmIdentifier?.Region,
    disabled: found.Disabled ?? false,
    enableSni: found.EnableSNI,
    failureThreshold: found.FailureThreshold,
    fqdn: found.FullyQualifiedDomainName,
    insufficientDataHealthStatus: found.InsufficientDataHealthStatus,
    invertHealthcheck: found.Inverted ?? false,
    ipAddress: found.IPAddress,
    measureLatency: found.MeasureLatency,
    port: found.Port,
    regions: found.Regions,
    requestInterval: found.RequestInterval,
    resourcePath: found.ResourcePath,
    routingControlArn: found.RoutingControlArn,
    searchString: found.SearchString,
    type: found.Type ?? "",
  });
}

const find = async (aws: Aws, HealthCheckId: string) =>
  (await unlessAbsent(["NoSuchHealthCheck"], (await aws.client(route53)).getHealthCheck({ HealthCheckId })))
    ?.HealthCheck;

export const healthCheck: ResourceType = {
  token: "aws:route53/healthCheck:HealthCheck",
  immutable: ["type", "requestInterval", "measureLatency", "referenceName", "routingControlArn"],
  defaults: { disabled: false, invertHealthcheck: false },
  problems: healthCheckProblems,
  async create(aws, inputs) {
    const client = await aws.client(route53);
    const reference = text(inputs, "referenceName");
    const wanted: CreateHealthCheckCommandInput = {
      CallerReference: `${reference === undefined ? "" : `${reference}-`}${randomUUID()}`.slice(-64),
      HealthCheckConfig: configOf(inputs),
    };
    const id = (await client.createHealthCheck(wanted)).HealthCheck?.Id ?? "";
    const outputs = { arn: `arn:aws:route53:::healthcheck/${id}` };
    return finish({ id, outputs }, () => changeTags(client, "healthcheck", id, inputs));
  },
  async read(aws, id) {
    const found = await find(aws, id);
    if (!found) return undefined;
    const tagsAll = await readTags(await aws.client(route53), "healthcheck", id);
    return {
      ...inputsOf(found.HealthCheckConfig ?? { Type: "HTTP" }),
      arn: `arn:aws:route53:::healthcheck/${id}`,
      tagsAll,
    };
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(route53);
    const {
      Type: _type,
      RequestInterval: _interval,
      MeasureLatency: _measure,
      RoutingControlArn: _arn,
      ...wanted
    } = configOf(inputs);
    await client.updateHealthCheck({ HealthCheckId: id, ...wanted } as UpdateHealthCheckCommandInput);
    await changeTags(client, "healthcheck", id, inputs, before);
  },
  async delete(aws, id) {
    await unlessAbsent(["NoSuchHealthCheck"], (await aws.client(route53)).deleteHealthCheck({ HealthCheckId: id }));
  },
};
