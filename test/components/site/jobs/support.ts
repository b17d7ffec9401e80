/** Helpers of the job tests. */
import { readSettings, type JobName } from "../../../../jobs/settings.ts";
import { at, type Made } from "../../../support/pulumi-mocks.ts";

export interface EnvEntry {
  name: string;
  value?: string;
  valueFrom?: unknown;
}

/** Pod of a CronJob, Job or Deployment. */
export const podOf = (resource: Made): Record<string, unknown> => {
  const path = resource.type.endsWith(":CronJob") ? "spec.jobTemplate.spec.template.spec" : "spec.template.spec";
  return at(resource, path) as Record<string, unknown>;
};

export const containerOf = (resource: Made): { args: string[]; env: EnvEntry[]; image: string } =>
  (podOf(resource)["containers"] as { args: string[]; env: EnvEntry[]; image: string }[])[0]!;

/** Plain values of the environment. */
export const plainEnv = (resource: Made): Record<string, string> =>
  Object.fromEntries(
    containerOf(resource).env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );

/** The environment as seen by the pod; values set by Kubernetes are placeholders. */
const podEnvironment = (resource: Made): Record<string, string> =>
  Object.fromEntries(containerOf(resource).env.map(({ name, value }) => [name, value ?? "filled-in-by-kubernetes"]));

/** The settings parsed by the job; throws the job's error if they are invalid. */
export const settingsOf = <Name extends JobName>(job: Name, resource: Made) =>
  readSettings(job, podEnvironment(resource));
