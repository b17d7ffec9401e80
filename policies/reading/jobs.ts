/** Finds the continuity jobs of a stack by the names that both sites use. */
import { gapsBetweenRuns, type Gaps } from "../../plan/index.ts";
import { jobCommands, kubernetesNames } from "../../contract/index.ts";
import { stackSetting } from "./stack.ts";
import { types } from "./types.ts";
import { listAt, numberAt, ofType, textAt, valueAt, withText, type Found, type Report } from "./values.ts";

/** Name of a continuity job whose command is known. */
export type KnownJob = keyof typeof jobCommands;

export interface CronJobFound {
  name: KnownJob;
  urn: string;
  props: Found["props"];
  /** True only if `suspend` is set; the default of Kubernetes is false. */
  suspended: boolean;
  /** Intervals between runs; undefined if the schedule or the time zone is missing or invalid. */
  gaps: Gaps | undefined;
  /** NaN if missing: Kubernetes would start a run however late. */
  startDeadlineSeconds: number;
  /** NaN if missing: a run could take indefinitely long. */
  runTimeLimitSeconds: number;
  concurrencyPolicy: string | undefined;
  /** The job's main container. */
  container: unknown;
}

/** Finds the object of that name in the site's namespace; reports a violation and returns undefined unless there is exactly one. */
export function findJob(
  resources: readonly Found[],
  type: typeof types.cronJob | typeof types.deployment,
  name: KnownJob,
  report: Report,
): Found | undefined {
  const namespace = stackSetting("namespace");
  const found = withText(ofType(resources, type), "metadata.name", name).filter(
    ({ props }) => textAt(props, "metadata.namespace") === namespace,
  );
  if (found.length === 1) return found[0];
  report(
    `${found.length} ${type.split(":").at(-1)}s "${name}" of type ${type} in namespace ${namespace}, exactly one is ` +
      `needed; keep the component that creates it in the stack, also on a standby`,
  );
  return undefined;
}

/** Finds and parses the CronJob of that name. */
export function findCronJob(resources: readonly Found[], name: KnownJob, report: Report): CronJobFound | undefined {
  const found = findJob(resources, types.cronJob, name, report);
  return found && read(found, name);
}

function read({ props, urn }: Found, name: KnownJob): CronJobFound {
  const [schedule, timeZone] = [textAt(props, "spec.schedule"), textAt(props, "spec.timeZone")];
  return {
    name,
    urn,
    props,
    suspended: valueAt(props, "spec.suspend") === true,
    gaps: schedule === undefined || timeZone === undefined ? undefined : gapsBetweenRuns({ schedule, timeZone }),
    startDeadlineSeconds: numberAt(props, "spec.startingDeadlineSeconds"),
    runTimeLimitSeconds: numberAt(props, "spec.jobTemplate.spec.activeDeadlineSeconds"),
    concurrencyPolicy: textAt(props, "spec.concurrencyPolicy"),
    container: listAt(props, "spec.jobTemplate.spec.template.spec.containers").find(
      (container) => textAt(container, "name") === kubernetesNames.jobContainer,
    ),
  };
}
