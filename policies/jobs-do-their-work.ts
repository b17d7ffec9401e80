import type { JobSchedule, Plan } from "../plan/index.ts";
import {
  jobCommands,
  jobServiceAccount,
  kindOfJob,
  kubernetesNames,
  type Role,
  type SiteName,
} from "../contract/index.ts";
import {
  containerSecurityShape,
  containerShape,
  cronJobShape,
  deploymentShape,
  jobShape,
  podSecurityShape,
  podShape,
  seccompShape,
  sidecarShape,
} from "./reading/job-shapes.ts";
import {
  envOf,
  findJob,
  hasKey,
  listAt,
  ofType,
  stackJobsImage,
  stackPlan,
  stackRule,
  stackSetting,
  textAt,
  textsAt,
  types,
  valueAt,
  type Found,
  type KnownJob,
} from "./reading/index.ts";
import { misshapen } from "./reading/shape.ts";

/** What the stack makes beside the job and the job waits for, and what its configuration says. */
interface Around {
  site: SiteName;
  role: Role;
  jobsImage: string;
  databaseImage: string;
  priorityClasses: string[];
  secrets: string[];
}

/**
 * Fails closed: a job that Kubernetes accepts and that then never starts, does something else or does nothing looks like
 * one that keeps its promise. What this rule cannot see, such as a cluster without room, the watch notices.
 */
export const jobsDoTheirWork = stackRule({
  name: "jobs-do-their-work",
  description: "Every continuity job can start, and does what its name says.",
  check: (resources, report) => {
    const [plan, around] = [stackPlan(), surroundings(resources)];
    for (const [name, limitSeconds] of scheduled(plan)) {
      const job = findJob(resources, types.cronJob, name, report);
      if (job === undefined) continue;
      const problems = [
        ...misshapen(job.props, "spec", cronJobShape),
        ...misshapen(job.props, "spec.jobTemplate.spec", jobShape(limitSeconds)),
        ...podProblems(job.props, "spec.jobTemplate.spec.template.spec", name, around),
      ];
      for (const problem of problems) report(`${name}: ${problem}`, job.urn);
    }
    for (const [name, replicas] of standing(around.role)) {
      const job = findJob(resources, types.deployment, name, report);
      if (job === undefined) continue;
      const problems = [
        ...misshapen(job.props, "spec", deploymentShape(replicas)),
        ...podProblems(job.props, "spec.template.spec", name, around),
      ];
      for (const problem of problems) report(`${name}: ${problem}`, job.urn);
    }
  },
});

/** The scheduled jobs and the time that one run of each must be given. */
const scheduled = ({ backups }: Plan): [KnownJob, number][] => {
  const limitOf = ({ runTimeLimit }: JobSchedule) => runTimeLimit.seconds;
  return [
    [kubernetesNames.exportJob, limitOf(backups.fullExport)],
    [kubernetesNames.changeExportJob, limitOf(backups.changeExport)],
    [kubernetesNames.restoreVerifyJob, limitOf(backups.restoreTest)],
    // Its time is what a recovery leaves; only no time at all is wrong whatever the plan says.
    [kubernetesNames.standbyPromote, 1],
  ];
};

/** The standing jobs and how many pods each must have. */
const standing = (role: Role): [KnownJob, number][] => [
  [kubernetesNames.standbySync, role === "standby" ? 1 : 0],
  [kubernetesNames.recoveryPointWatch, 1],
  [kubernetesNames.writerGuard, role === "active" ? 1 : 0],
];

const surroundings = (resources: readonly Found[]): Around => ({
  site: stackSetting("site"),
  role: stackSetting("role"),
  jobsImage: stackJobsImage(),
  databaseImage: stackSetting("databaseImage"),
  priorityClasses: namesOf(ofType(resources, types.priorityClass)),
  secrets: namesOf(
    ofType(resources, types.secret).filter(
      ({ props }) => textAt(props, "metadata.namespace") === stackSetting("namespace"),
    ),
  ),
});

const namesOf = (resources: readonly Found[]): string[] =>
  resources.flatMap(({ props }) => textAt(props, "metadata.name") ?? []);

function podProblems(root: unknown, path: string, name: KnownJob, around: Around): string[] {
  const containers = listAt(root, `${path}.containers`);
  const sidecars = listAt(root, `${path}.initContainers`);
  const wanted = name === kubernetesNames.restoreVerifyJob ? [kubernetesNames.scratchDatabase] : [];
  return [
    ...misshapen(root, path, podShape(jobServiceAccount(kindOfJob[name]), around.priorityClasses)),
    ...misshapen(root, `${path}.securityContext`, podSecurityShape),
    ...misshapen(root, `${path}.securityContext.seccompProfile`, seccompShape),
    ...count("containers", containers.length, 1, "a second one that does not end keeps the run from ending"),
    ...count("initContainers", sidecars.length, wanted.length, "one that does not end keeps the work from beginning"),
    ...wanted.flatMap((sidecar, index) => [
      ...misshapen(root, `${path}.initContainers.${index}`, sidecarShape(sidecar, around.databaseImage)),
      ...securityProblems(root, `${path}.initContainers.${index}`),
      ...(textAt(root, `${path}.initContainers.${index}.args.0`) === "start"
        ? []
        : [
            `${sidecar} runs something else than "start", the database's command for a server; leave it to the component`,
          ]),
    ]),
    ...(containers.length === 1 ? containerProblems(root, `${path}.containers.0`, name, around) : []),
    ...volumeProblems(root, `${path}.volumes`),
  ];
}

const count = (what: string, given: number, wanted: number, why: string): string[] =>
  given === wanted ? [] : [`${given} ${what}, ${wanted} wanted: ${why}; keep to what the component makes`];

function containerProblems(root: unknown, path: string, name: KnownJob, around: Around): string[] {
  const container = valueAt(root, path);
  const [given, wanted] = [textsAt(container, "args").join(" "), jobCommands[name].join(" ")];
  return [
    ...misshapen(root, path, containerShape(around.jobsImage)),
    ...securityProblems(root, path),
    ...(given === wanted ? [] : [`runs ${given || "nothing"}; it must run "${wanted}"`]),
    ...Object.entries({ SITE: around.site, SITE_ROLE: around.role }).flatMap(([variable, value]) => {
      const actual = envOf(container, variable);
      const rule = `the stack's configuration says ${value}, and the job refuses to work for another`;
      return actual === value ? [] : [`${variable} is ${actual ?? "missing"}, ${rule}; leave it to the component`];
    }),
    ...listAt(container, "env").flatMap((variable) => referenceProblems(variable, around.secrets)),
  ];
}

function securityProblems(root: unknown, path: string): string[] {
  const drops = textsAt(root, `${path}.securityContext.capabilities.drop`);
  return [
    ...misshapen(root, `${path}.securityContext`, containerSecurityShape),
    ...(drops.includes("ALL") ? [] : [`${path} keeps capabilities, and the namespace admits no such pod; drop ALL`]),
  ];
}

/** A variable whose source is missing keeps the container from being created, indefinitely. */
function referenceProblems(variable: unknown, secrets: readonly string[]): string[] {
  if (!hasKey(variable, "valueFrom", "secretKeyRef") && !hasKey(variable, "valueFrom", "configMapKeyRef")) return [];
  const secret = textAt(variable, "valueFrom.secretKeyRef.name");
  if (secret !== undefined && secrets.includes(secret)) return [];
  const source = secret ?? "something else than a Secret";
  return [
    `${textAt(variable, "name")} comes from ${source}, which this stack does not make; name one of ${secrets.join(", ")}`,
  ];
}

/** A volume whose source is missing keeps the pod waiting, indefinitely. */
const volumeProblems = (root: unknown, path: string): string[] =>
  listAt(root, path).flatMap((volume, index) =>
    hasKey({ volume }, "volume", "emptyDir")
      ? []
      : [`${path}.${index} may wait for something outside of the pod; make it an emptyDir`],
  );
