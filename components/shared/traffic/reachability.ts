/** Raises an alarm within the plan's detection time if a site cannot be reached from outside. Never moves traffic. */
import type * as pulumi from "@pulumi/pulumi";
import type { Provider } from "@pulumi/aws/provider.js";
import { HealthCheck } from "@pulumi/aws/route53/healthCheck.js";
import type { Plan } from "../../../plan/index.ts";
import { defaultProbes, type SiteEndpoint, type SiteName } from "../../../contract/index.ts";
import { alarm } from "../../kit/alarms/index.ts";

export interface ReachabilityArgs {
  /** Hostname of each site. */
  siteHostnames: Record<SiteName, string>;
  /** Interval and failure threshold, from the plan. */
  healthCheck: Plan["traffic"]["healthCheck"];
  /** Scheme and port, the same for both sites. */
  endpoint: SiteEndpoint;
  /** Path that answers while a site's pods are alive. @default "/healthz" */
  alivePath?: string | undefined;
  /** Provider of us-east-1, where Route 53 publishes its metrics. */
  global: Provider;
  /** ARN of an SNS topic in us-east-1 for the alarms. */
  alarmTopic: pulumi.Input<string>;
}

/** One health check and one alarm for each site. */
export function reachability(name: string, args: ReachabilityArgs, opts: pulumi.CustomResourceOptions): void {
  for (const site of ["primary", "alternate"] as const) {
    const check = endpointCheck(`${name}-${site}`, args.siteHostnames[site], args, opts);
    alarm(
      `${name}-${site}-unreachable`,
      {
        description: `The ${site} site does not answer at ${args.siteHostnames[site]}: if it is the active one, decide on a failover`,
        metric: {
          namespace: "AWS/Route53",
          metricName: "HealthCheckStatus",
          dimensions: { HealthCheckId: check.id },
        },
        statistic: "Minimum",
        raised: "below",
        threshold: 1,
        missingData: "breaching",
        topic: args.alarmTopic,
      },
      { ...opts, provider: args.global },
    );
  }
}

const endpointCheck = (
  name: string,
  hostname: string,
  { healthCheck: { interval, failureThreshold }, endpoint, alivePath = defaultProbes.alive }: ReachabilityArgs,
  opts: pulumi.CustomResourceOptions,
): HealthCheck =>
  new HealthCheck(
    name,
    {
      type: endpoint.scheme.toUpperCase(),
      fqdn: hostname,
      port: endpoint.port,
      // Liveness, not readiness: a warm standby must answer although it does not serve users.
      resourcePath: alivePath,
      requestInterval: interval.seconds,
      failureThreshold,
      measureLatency: true,
    },
    opts,
  );
