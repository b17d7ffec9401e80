import type { JobSchedule, Plan } from "../plan/index.ts";
import {
  jobCommands,
  jobServiceAccount,
  kindOfJob,
  kubernetesNames,
  storageClassOf,
  type Role,
  type StackPart,
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
  siteRule,
  stackSetting,
  textAt,
  textsAt,
  types,
  valueAt,
  type Found,
  type KnownJob,
} from "./reading/index.ts";
import { any, misshapen, only, required } from "./reading/shape.ts";

/** Objects of the stack that the jobs depend on, and values of its configuration. */
interface Around {
  site: StackPart;
  role: Role;
  jobsImage: string;
  databaseImage: string;
  databaseStorage: string;
  storageClassName: string | undefined;
  priorityClasses: string[];
  secrets: string[];
}

/**
 * Fails closed: a job that Kubernetes accepts but that never starts, or does nothing useful, looks like a working one.
 * What this rule cannot check, such as a cluster without capacity, the watch detects at run time.
 */
export const jobsDoTheirWork = siteRule({
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
    for (const [name, replicas] of longRunning(around.role)) {
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

/** The scheduled jobs and the minimum time limit of one run, in seconds. */
const scheduled = ({ backups }: Plan): [KnownJob, number][] => {
  const limitOf = ({ runTimeLimit }: JobSchedule) => runTimeLimit.seconds;
  return [
    [kubernetesNames.exportJob, limitOf(backups.fullExport)],
    [kubernetesNames.changeExportJob, limitOf(backups.changeExport)],
    [kubernetesNames.restoreVerifyJob, limitOf(backups.restoreTest)],
    // Its time limit is derived from the RTO; the plan sets none, so any positive limit is valid.
    [kubernetesNames.standbyPromote, 1],
  ];
};

/** The long-running jobs and their number of pods. */
const longRunning = (role: Role): [KnownJob, number][] => [
  [kubernetesNames.standbySync, role === "standby" ? 1 : 0],
  [kubernetesNames.recoveryPointWatch, 1],
  [kubernetesNames.writerGuard, role === "active" ? 1 : 0],
  [kubernetesNames.trafficWatch, role === "active" ? 1 : 0],
];

const surroundings = (resources: readonly Found[]): Around => ({
  site: stackSetting("site"),
  role: stackSetting("role"),
  jobsImage: stackJobsImage(),
  databaseImage: stackSetting("databaseImage"),
  databaseStorage: stackSetting("databaseStorage"),
  storageClassName: storageClassOf({
    storageClassName: stackSetting("storageClassName"),
    cluster: stackSetting("cluster"),
  }),
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
    ...count("containers", containers.length, 1, "a second one that does not exit keeps the run from finishing"),
    ...count("initContainers", sidecars.length, wanted.length, "one that does not exit keeps the job from starting"),
    ...wanted.flatMap((sidecar, index) => [
      ...misshapen(root, `${path}.initContainers.${index}`, sidecarShape(sidecar, around.databaseImage)),
      ...securityProblems(root, `${path}.initContainers.${index}`),
      ...(textAt(root, `${path}.initContainers.${index}.args.0`) === "start"
        ? []
        : [`${sidecar} does not run "start", the database's server command; leave it to the component`]),
    ]),
    ...(containers.length === 1 ? containerProblems(root, `${path}.containers.0`, name, around) : []),
    ...volumeProblems(root, `${path}.volumes`, around),
  ];
}

const count = (what: string, given: number, wanted: number, why: string): string[] =>
  given === wanted ? [] : [`${given} ${what}, ${wanted} wanted: ${why}; use what the component creates`];

function containerProblems(root: unknown, path: string, name: KnownJob, around: Around): string[] {
  const container = valueAt(root, path);
  const [given, wanted] = [textsAt(container, "args").join(" "), jobCommands[name].join(" ")];
  return [
    ...misshapen(root, path, containerShape(around.jobsImage)),
    ...securityProblems(root, path),
    ...(given === wanted ? [] : [`runs ${given || "nothing"}; it must run "${wanted}"`]),
    ...Object.entries({ SITE: around.site, SITE_ROLE: around.role }).flatMap(([variable, value]) => {
      const actual = envOf(container, variable);
      const rule = `the stack's configuration has ${value}, and the job refuses any other`;
      return actual === value ? [] : [`${variable} is ${actual ?? "missing"}, ${rule}; leave it to the component`];
    }),
    ...listAt(container, "env").flatMap((variable) => referenceProblems(variable, around.secrets)),
  ];
}

function securityProblems(root: unknown, path: string): string[] {
  const drops = textsAt(root, `${path}.securityContext.capabilities.drop`);
  return [
    ...misshapen(root, `${path}.securityContext`, containerSecurityShape),
    ...(drops.includes("ALL") ? [] : [`${path} keeps capabilities, which the namespace does not admit; drop ALL`]),
  ];
}

/** A variable with a missing source blocks the creation of the container indefinitely. */
function referenceProblems(variable: unknown, secrets: readonly string[]): string[] {
  if (!hasKey(variable, "valueFrom", "secretKeyRef") && !hasKey(variable, "valueFrom", "configMapKeyRef")) return [];
  const secret = textAt(variable, "valueFrom.secretKeyRef.name");
  if (secret !== undefined && secrets.includes(secret)) return [];
  const source = secret ?? "a source other than a Secret";
  return [
    `${textAt(variable, "name")} comes from ${source}, which this stack does not create; use one of ${secrets.join(", ")}`,
  ];
}

/** A volume with a missing source keeps the pod pending indefinitely. */
const volumeProblems = (root: unknown, path: string, around: Around): string[] =>
  listAt(root, path).flatMap((volume, index) => {
    if (hasKey({ volume }, "volume", "emptyDir")) return [];
    if (hasKey({ volume }, "volume", "ephemeral")) return ephemeralProblems(root, `${path}.${index}`, around);
    return [`${path}.${index} may depend on something outside the pod; use an emptyDir or an ephemeral claim`];
  });

/** A claim of a class that the database uses is known to be served; a smaller one may not hold what it restores. */
function ephemeralProblems(root: unknown, path: string, { databaseStorage, storageClassName }: Around): string[] {
  const spec = `${path}.ephemeral.volumeClaimTemplate.spec`;
  return [
    ...misshapen(root, spec, {
      accessModes: any,
      resources: required(any),
      // The API server's default, which its dry run returns.
      volumeMode: only("Filesystem"),
      ...(storageClassName === undefined ? {} : { storageClassName: required(only(storageClassName)) }),
    }),
    ...misshapen(root, `${spec}.resources`, { requests: required(any) }),
    ...misshapen(root, `${spec}.resources.requests`, { storage: required(only(databaseStorage)) }),
  ];
}
