/** The Job that initializes an empty database: namespace, the services' user, the site-state record. */
import type * as pulumi from "@pulumi/pulumi";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { kubernetesNames, type SiteFacts } from "../../../contract/index.ts";
import { credentialsEnv, labelsOf, type EnvVar } from "../../kit/kubernetes/index.ts";
import { databaseEnv, runEnv, siteEnv } from "../jobs/job-environment.ts";
import { jobPod, jobPodMetadata } from "../jobs/job-pod.ts";

/** Retries while the database is still starting. */
const backoffLimit = 5;

/** Seconds for all attempts together. */
const activeDeadlineSeconds = 600;

export function databasePrepare(
  facts: SiteFacts,
  image: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): Job {
  const name = kubernetesNames.databasePrepare;
  const env = [
    ...siteEnv(facts),
    ...runEnv(),
    ...databaseEnv(facts),
    ...credentialsEnv("SERVICES", kubernetesNames.databaseUserSecret),
  ];
  const pod = jobPod({
    facts,
    name,
    identity: "none",
    image,
    command: ["prepare-database"],
    restartPolicy: "Never",
    env,
  });
  return new Job(
    name,
    {
      metadata: { name, namespace: facts.namespace, labels: labelsOf(name, "continuity") },
      // No ttlSecondsAfterFinished: the next update after a refresh would recreate a deleted Job.
      spec: { backoffLimit, activeDeadlineSeconds, template: { metadata: jobPodMetadata(name), spec: pod } },
    },
    { ...opts, ignoreChanges: [roleIn(env)] },
  );
}

/**
 * Path of the role's environment variable. The role is used only when the record is first written, and a Job is
 * immutable: unless changes are ignored, a failover would replace the Job and wait for it. See decision 24.
 */
function roleIn(env: readonly EnvVar[]): string {
  const index = env.findIndex(({ name }) => name === "SITE_ROLE");
  if (index < 0) throw new RangeError("database-prepare has no SITE_ROLE");
  return `spec.template.spec.containers[0].env[${index}].value`;
}
