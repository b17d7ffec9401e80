import * as pulumi from "@pulumi/pulumi";
import { kubernetesNames, trafficSwitchAlarm, type SiteFacts } from "../../../contract/index.ts";
import { env, type Resources } from "../../kit/kubernetes/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { awsEnv, otherStoreEnv, siteEnv, storeEnv } from "./job-environment.ts";
import { continuityJobPod } from "./job-pod.ts";
import { longRunningJob } from "./long-running-job.ts";

export interface TrafficWatchArgs {
  /** The site that keeps its traffic while it is the writer. */
  facts: SiteFacts;
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /**
   * CPU and memory of the watch.
   * @default 50m CPU, 128Mi memory
   */
  resources?: Resources | undefined;
}

/**
 * Publishes the value of the traffic switch every minute from the active site, so that no decision of Route 53 depends on
 * a single old value. Never moves the switch: that is the failover command's decision. Has a role of its own, the only
 * one that may publish this metric.
 */
export class TrafficWatch extends pulumi.ComponentResource {
  constructor(name: string, args: TrafficWatchArgs, opts?: OrderedOptions) {
    super("continuity:jobs:TrafficWatch", name, {}, opts);
    const running = args.facts.role === "active";
    longRunningJob(
      { namespace: args.facts.namespace, name: kubernetesNames.trafficWatch, running, pod: watchPod(args) },
      childOptions(this, opts),
    );
    this.registerOutputs({});
  }
}

const watchPod = ({ facts, image, resources }: TrafficWatchArgs) =>
  continuityJobPod({
    facts,
    name: kubernetesNames.trafficWatch,
    image,
    resources: resources ?? { cpu: "50m", memory: "128Mi" },
    restartPolicy: "Always",
    env: [
      ...siteEnv(facts),
      ...awsEnv(facts),
      ...storeEnv(facts, facts.site),
      ...otherStoreEnv(facts),
      ...env({
        SWITCH_ALARM: trafficSwitchAlarm(facts.topology),
        SWITCH_REGION: facts.topology.alternateRegion,
      }),
    ],
  });
