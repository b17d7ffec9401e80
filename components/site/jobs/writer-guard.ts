import * as pulumi from "@pulumi/pulumi";
import { kubernetesNames, type SiteFacts } from "../../../contract/index.ts";
import type { Resources } from "../../kit/kubernetes/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { awsEnv, databaseEnv, otherStoreEnv, siteEnv, storeEnv } from "./job-environment.ts";
import { continuityJobPod } from "./job-pod.ts";
import { longRunningJob } from "./long-running-job.ts";

export interface WriterGuardArgs {
  /** The site that must stop writing once the other site has taken over. */
  facts: SiteFacts;
  /** Image of the continuity jobs. */
  image: pulumi.Input<string>;
  /**
   * CPU and memory of the guard; it uses about 90 MB.
   * @default 50m CPU, 192Mi memory
   */
  resources?: Resources | undefined;
}

/**
 * Reads the writer record in both regions every few seconds and takes an active site out of service if either names
 * another site in a newer epoch: a site that was replaced during an outage must not continue to acknowledge writes.
 * Runs on the active site only; the other roles serve no users.
 */
export class WriterGuard extends pulumi.ComponentResource {
  constructor(name: string, args: WriterGuardArgs, opts?: OrderedOptions) {
    super("continuity:jobs:WriterGuard", name, {}, opts);
    const running = args.facts.role === "active";
    longRunningJob(
      { namespace: args.facts.namespace, name: kubernetesNames.writerGuard, running, pod: guardPod(args) },
      childOptions(this, opts),
    );
    this.registerOutputs({});
  }
}

const guardPod = ({ facts, image, resources }: WriterGuardArgs) =>
  continuityJobPod({
    facts,
    name: kubernetesNames.writerGuard,
    image,
    resources: resources ?? { cpu: "50m", memory: "192Mi" },
    restartPolicy: "Always",
    env: [
      ...siteEnv(facts),
      ...awsEnv(facts),
      ...databaseEnv(facts),
      ...storeEnv(facts, facts.site),
      ...otherStoreEnv(facts),
    ],
  });
