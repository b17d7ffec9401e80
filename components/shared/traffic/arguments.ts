/** What the traffic switch needs to know, and Route 53's rules for it. */
import type * as pulumi from "@pulumi/pulumi";
import type { Provider } from "@pulumi/aws/provider.js";
import type { Plan } from "../../../plan/index.ts";
import { platformLimits, type SiteEndpoint, type SiteName, type Topology } from "../../../contract/index.ts";
import { problem, type Problem } from "../../kit/problems.ts";

export interface TrafficArgs {
  /** Name prefix and both regions. */
  topology: Topology;
  /** Provider of the alternate region: the switch has to survive the primary. */
  alternate: Provider;
  /** Provider of us-east-1, where Route 53 publishes its metrics. */
  global: Provider;
  /** Id of the hosted zone that holds the public name. */
  zoneId: pulumi.Input<string>;
  /** Name that users know, e.g. `api.example.com`. */
  publicHostname: string;
  /** Name under which each site answers; kept up to date by the site's own external-dns. */
  siteHostnames: Record<SiteName, string>;
  /** Time to live, period of the switch and health checks, from the plan. */
  traffic: Plan["traffic"];
  /**
   * How users come to the public name. Both sites are checked from outside in this way: one that cannot serve them
   * so raises its alarm before it is needed.
   */
  endpoint: SiteEndpoint;
  /** Topic ARN in us-east-1 that hears when a site does not answer. */
  reachabilityTopic: pulumi.Input<string>;
  /** Topic ARN in the alternate region that hears of every switch. Omit: nobody is told. */
  switchTopic?: pulumi.Input<string> | undefined;
}

const { healthCheckIntervalsSeconds, alarmPeriodSeconds, mostFailures } = platformLimits.route53;

export function findProblems(args: TrafficArgs): Problem[] {
  return [...hostnameProblems(args), ...evaluationProblems(args), ...healthCheckProblems(args)];
}

function hostnameProblems({ publicHostname, siteHostnames }: TrafficArgs): Problem[] {
  const names = [publicHostname, siteHostnames.primary, siteHostnames.alternate];
  if (new Set(names).size === names.length) return [];
  const rule = "publicHostname and both site hostnames must be three different names, or the record points at itself";
  return [problem("siteHostnames", siteHostnames, rule, "give each site a name of its own")];
}

function evaluationProblems({ traffic: { switchEvaluation } }: TrafficArgs): Problem[] {
  const { seconds, iso } = switchEvaluation;
  if (seconds >= alarmPeriodSeconds && seconds % alarmPeriodSeconds === 0) return [];
  const rule = "must be whole minutes, since Route 53 follows no alarm on a high-resolution metric";
  return [problem("traffic.switchEvaluation", iso, rule, "write PT1M in the plan")];
}

function healthCheckProblems({ traffic: { healthCheck } }: TrafficArgs): Problem[] {
  const problems: Problem[] = [];
  const { interval, failureThreshold } = healthCheck;
  if (!healthCheckIntervalsSeconds.some((seconds) => seconds === interval.seconds)) {
    const rule = `must be ${healthCheckIntervalsSeconds.join(" or ")} seconds, as Route 53 has no other interval`;
    const where = "traffic.healthCheck.interval";
    problems.push(problem(where, interval.iso, rule, "write PT10S or PT30S in the plan"));
  }
  if (!(failureThreshold >= 1 && failureThreshold <= mostFailures)) {
    const where = "traffic.healthCheck.failureThreshold";
    const rule = `must be 1 to ${mostFailures}, as Route 53 counts no further`;
    problems.push(problem(where, failureThreshold, rule, "correct the plan"));
  }
  return problems;
}
