/** CronJobs by the names that the plan's jobs have. */
import type { ReportViolation } from "@pulumi/policy";
import { gapsBetweenRuns, type Gaps } from "../../plan/index.ts";
import { jobCommands, kubernetesNames } from "../../plan/names.ts";
import { types } from "./types.ts";
import { listAt, numberAt, ofType, textAt, valueAt, type Found } from "./values.ts";

export interface CronJobFound {
  name: keyof typeof jobCommands;
  urn: string;
  /** True only where the CronJob says so; Kubernetes' own default is false. */
  suspended: boolean;
  /** Undefined when the schedule or the time zone is missing or wrong. */
  gaps: Gaps | undefined;
  /** NaN where missing: Kubernetes would then start a run however late. */
  startDeadlineSeconds: number;
  /** NaN where missing: a run could then take for ever. */
  runTimeLimitSeconds: number;
  concurrencyPolicy: string | undefined;
  /** The container that does the work. */
  container: unknown;
}

/** The CronJob of that name; reports a violation and returns undefined when there is not exactly one. */
export function findCronJob(
  resources: readonly Found[],
  name: keyof typeof jobCommands,
  reportViolation: ReportViolation,
): CronJobFound | undefined {
  const found = ofType(resources, types.cronJob).filter(
    ({ props }) =>
      textAt(props, "metadata.name") === name && textAt(props, "metadata.namespace") === kubernetesNames.namespace,
  );
  if (found.length === 1) {
    const job = read(found[0]!, name);
    checkCommand(job, reportViolation);
    return job;
  }
  reportViolation(
    `${found.length} CronJobs "${name}" of type ${types.cronJob} in namespace ${kubernetesNames.namespace}, one is needed; ` +
      `keep the component that makes it in the stack, also on a standby`,
  );
  return undefined;
}

/** A CronJob of the right name that does something else would keep no promise. */
function checkCommand({ name, urn, container }: CronJobFound, reportViolation: ReportViolation): void {
  const wanted = jobCommands[name].join(" ");
  const entry = valueAt(container, "command");
  const words = listAt(container, "args").join(" ");
  if (entry === undefined && words === wanted) return;
  const runs = entry === undefined ? words || "nothing" : "another program than the image's own";
  reportViolation(`${name}: runs ${runs}; it must run "${wanted}" by the image's own entry point`, urn);
}

function read({ props, urn }: Found, name: CronJobFound["name"]): CronJobFound {
  const spec: unknown = props["spec"];
  const [schedule, timeZone] = [textAt(spec, "schedule"), textAt(spec, "timeZone")];
  return {
    name,
    urn,
    suspended: valueAt(spec, "suspend") === true,
    gaps: schedule === undefined || timeZone === undefined ? undefined : gapsBetweenRuns({ schedule, timeZone }),
    startDeadlineSeconds: numberAt(spec, "startingDeadlineSeconds"),
    runTimeLimitSeconds: numberAt(spec, "jobTemplate.spec.activeDeadlineSeconds"),
    concurrencyPolicy: textAt(spec, "concurrencyPolicy"),
    container: listAt(spec, "jobTemplate.spec.template.spec.containers").find(
      (container) => textAt(container, "name") === kubernetesNames.jobContainer,
    ),
  };
}
