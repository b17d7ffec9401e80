import * as pulumi from "@pulumi/pulumi";
import { Record as DnsRecord } from "@pulumi/aws/route53/record.js";
import { refuse } from "../../kit/problems.ts";
import { findProblems, type TrafficArgs } from "./arguments.ts";
import { reachability } from "./reachability.ts";
import { silentSwitchAlarm, switchAlarm, switchHealthCheck } from "./traffic-switch.ts";

/**
 * Resolves the public name to the primary site, or to the alternate site after a failover. All records and checks exist
 * in advance: a failover publishes one metric value in the alternate region and changes no record.
 */
export class Traffic extends pulumi.ComponentResource {
  /** Name of the alarm that acts as the traffic switch. */
  public readonly switchAlarmName: pulumi.Output<string>;

  constructor(name: string, args: TrafficArgs, opts?: pulumi.ComponentResourceOptions) {
    super("continuity:traffic:Traffic", name, {}, opts);
    refuse(this, `Traffic "${name}"`, findProblems(args));
    const inThis = { parent: this };
    const switchArgs = {
      topology: args.topology,
      alternate: args.alternate,
      evaluationSeconds: args.traffic.switchEvaluation.seconds,
      alarmTopic: args.switchTopic,
    };
    const alarm = switchAlarm(name, switchArgs, inThis);
    silentSwitchAlarm(name, switchArgs, inThis);
    const primaryServes = switchHealthCheck(name, alarm, switchArgs, inThis);
    this.failoverRecord(name, "primary", args, { healthCheckId: primaryServes.id });
    // No health check: after a failover, nothing may send traffic back to a failed region.
    this.failoverRecord(name, "alternate", args, {});
    reachability(
      name,
      {
        siteHostnames: args.siteHostnames,
        healthCheck: args.traffic.healthCheck,
        endpoint: args.endpoint,
        alivePath: args.alivePath,
        global: args.global,
        alarmTopic: args.reachabilityTopic,
      },
      inThis,
    );
    this.switchAlarmName = alarm.name;
    this.registerOutputs({ switchAlarmName: this.switchAlarmName });
  }

  private failoverRecord(
    name: string,
    site: "primary" | "alternate",
    args: TrafficArgs,
    health: { healthCheckId?: pulumi.Input<string> },
  ): void {
    new DnsRecord(
      `${name}-${site}`,
      {
        zoneId: args.zoneId,
        name: args.publicHostname,
        type: "CNAME",
        ttl: args.traffic.dnsTtl.seconds,
        records: [args.siteHostnames[site]],
        setIdentifier: site,
        failoverRoutingPolicies: [{ type: site === "primary" ? "PRIMARY" : "SECONDARY" }],
        ...health,
      },
      { parent: this },
    );
  }
}
