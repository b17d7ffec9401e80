/** Arguments of the traffic switch, and Route 53's rules for them. */
import type * as pulumi from "@pulumi/pulumi";
import type { Provider } from "@pulumi/aws/provider.js";
import type { Plan } from "../../../plan/index.ts";
import { platformLimits, type SiteEndpoint, type SiteName, type Topology } from "../../../contract/index.ts";
import { problem, type Problem } from "../../kit/problems.ts";

export interface TrafficArgs {
  /** Name prefix and both regions. */
  topology: Topology;
  /** Provider of the alternate region, where the switch must survive the loss of the primary. */
  alternate: Provider;
  /** Provider of us-east-1, where Route 53 publishes its metrics. */
  global: Provider;
  /** Id of the hosted zone that contains the public name. */
  zoneId: pulumi.Input<string>;
  /** Public name that clients connect to, e.g. `api.example.com`. */
  publicHostname: string;
  /** Hostname of each site; kept up to date by the site's external-dns. */
  siteHostnames: Record<SiteName, string>;
  /** DNS TTL, evaluation period of the switch and health checks, from the plan. */
  traffic: Plan["traffic"];
  /**
   * Scheme and port of the public name. Both sites are checked from outside with them, so that a site which could not
   * serve users raises its alarm before it is needed.
   */
  endpoint: SiteEndpoint;
  /**
   * Path of these checks; a standby must answer too.
   * @default "/healthz"
   */
  alivePath?: string | undefined;
  /** ARN of an SNS topic in us-east-1, notified when a site does not answer. */
  reachabilityTopic: pulumi.Input<string>;
  /** ARN of an SNS topic in the alternate region, notified of every traffic switch. Omit: nobody is notified. */
  switchTopic?: pulumi.Input<string> | undefined;
}

const { healthCheckIntervalsSeconds, alarmPeriodSeconds, mostFailures } = platformLimits.route53;

export function findProblems(args: TrafficArgs): Problem[] {
  return [...hostnameProblems(args), ...evaluationProblems(args), ...healthCheckProblems(args)];
}

function hostnameProblems({ publicHostname, siteHostnames }: TrafficArgs): Problem[] {
  const names = [publicHostname, siteHostnames.primary, siteHostnames.alternate];
  if (new Set(names).size === names.length) return [];
  const rule = "publicHostname and both site hostnames must be three different names, or the record points to itself";
  return [problem("siteHostnames", siteHostnames, rule, "give each site its own name")];
}

function evaluationProblems({ traffic: { switchEvaluation } }: TrafficArgs): Problem[] {
  const { seconds, iso } = switchEvaluation;
  if (seconds >= alarmPeriodSeconds && seconds % alarmPeriodSeconds === 0) return [];
  const rule = "must be whole minutes, since Route 53 does not support alarms on high-resolution metrics";
  return [problem("traffic.switchEvaluation", iso, rule, "write PT1M in the plan")];
}

function healthCheckProblems({ traffic: { healthCheck } }: TrafficArgs): Problem[] {
  const problems: Problem[] = [];
  const { interval, failureThreshold } = healthCheck;
  if (!healthCheckIntervalsSeconds.some((seconds) => seconds === interval.seconds)) {
    const rule = `must be ${healthCheckIntervalsSeconds.join(" or ")} seconds, the only intervals of Route 53`;
    const where = "traffic.healthCheck.interval";
    problems.push(problem(where, interval.iso, rule, "write PT10S or PT30S in the plan"));
  }
  if (!(failureThreshold >= 1 && failureThreshold <= mostFailures)) {
    const where = "traffic.healthCheck.failureThreshold";
    const rule = `must be 1 to ${mostFailures}, the maximum of Route 53`;
    problems.push(problem(where, failureThreshold, rule, "correct the plan"));
  }
  return problems;
}
