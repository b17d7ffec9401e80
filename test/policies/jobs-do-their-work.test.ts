import { expect } from "chai";
import { jobsDoTheirWork as policy } from "../../policies/jobs-do-their-work.ts";
import type { Role, SiteName } from "../../contract/index.ts";
import { renamed, set, violations, without, type Change } from "./support.ts";

const cronJob = "kubernetes:batch/v1:CronJob";
const deployment = "kubernetes:apps/v1:Deployment";
const job = "spec.jobTemplate.spec";
const pod = `${job}.template.spec`;
const container = `${pod}.containers.0`;
const sidecar = `${pod}.initContainers.0`;

const spec = (path: string, value: unknown, name = "export"): Change => set(cronJob, name, path, value);

/** Replaces an environment variable of the export's container. */
const env =
  (name: string, entry: object | undefined): Change =>
  (resources) => {
    const found = resources.find((resource) => resource.type === cronJob && resource.name === "export")!;
    const { containers } = (found.props as never as { spec: { jobTemplate: { spec: { template: { spec: Pod } } } } })
      .spec.jobTemplate.spec.template.spec;
    const kept = containers[0]!.env.filter((variable) => variable.name !== name);
    containers[0]!.env = entry === undefined ? kept : [...kept, { name, ...entry }];
  };

interface Pod {
  containers: { env: { name: string }[] }[];
}

const added =
  (path: string, item: object, name = "export"): Change =>
  (resources) => {
    const found = resources.find((resource) => resource.type === cronJob && resource.name === name)!;
    const list = path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], found.props);
    (list as object[]).push(item);
  };

describe("policy jobs-do-their-work", () => {
  it("is mandatory", () => {
    expect(policy.enforcementLevel).to.equal("mandatory");
  });

  const good: [SiteName, Role][] = [
    ["primary", "active"],
    ["primary", "isolated"],
    ["primary", "standby"],
    ["alternate", "standby"],
    ["alternate", "active"],
  ];
  for (const stack of good) {
    it(`passes the program's own ${stack.join(" site, ")}`, async () => {
      expect(await violations(policy, stack)).to.be.empty;
    });
  }

  it("accepts defaults added by the API server", async () => {
    const defaults: Change = (resources) => {
      for (const name of ["export", "export-changes", "restore-verify", "standby-promote"]) {
        for (const [path, value] of Object.entries({
          [`${job}.suspend`]: false,
          [`${job}.parallelism`]: 1,
          [`${job}.completions`]: 1,
          [`${job}.completionMode`]: "NonIndexed",
          [`${job}.podReplacementPolicy`]: "Failed",
          [`${job}.manualSelector`]: undefined,
          [`${pod}.dnsPolicy`]: "ClusterFirst",
          [`${pod}.schedulerName`]: "default-scheduler",
          [`${pod}.terminationGracePeriodSeconds`]: 30,
          [`${pod}.nodeSelector`]: {},
          [`${pod}.tolerations`]: [],
          [`${container}.imagePullPolicy`]: "IfNotPresent",
          [`${container}.terminationMessagePath`]: "/dev/termination-log",
          [`${container}.terminationMessagePolicy`]: "File",
          [`${container}.workingDir`]: null,
        })) {
          spec(path, value, name)(resources);
        }
      }
      const claim = `${pod}.volumes.1.ephemeral.volumeClaimTemplate.spec`;
      spec(`${claim}.volumeMode`, "Filesystem", "restore-verify")(resources);
    };
    expect(await violations(policy, ["primary", "active"], defaults)).to.be.empty;
  });

  const cases: [string, Change, RegExp][] = [
    // The schedule
    [
      "a start deadline of zero",
      spec("spec.startingDeadlineSeconds", 9),
      /^export: spec.startingDeadlineSeconds is 9, it must be 10 or more, or Kubernetes may miss every start; set it/,
    ],
    [
      "no start deadline, with which a hundred missed starts stop the schedule",
      spec("spec.startingDeadlineSeconds", undefined, "restore-verify"),
      /restore-verify: spec.startingDeadlineSeconds is missing/,
    ],
    ["an unknown field of a CronJob", spec("spec.paused", true), /spec.paused is set.+; remove it/],
    // The Job
    ["a suspended template", spec(`${job}.suspend`, true), /spec.jobTemplate.spec.suspend is true, it must be false/],
    ["no pod at a time", spec(`${job}.parallelism`, 0), /parallelism is 0, it must be 1/],
    ["two pods at a time", spec(`${job}.parallelism`, 2), /parallelism is 2/],
    ["nothing to complete", spec(`${job}.completions`, 0), /completions is 0, it must be 1/],
    ["numbered pods", spec(`${job}.completionMode`, "Indexed"), /completionMode is "Indexed"/],
    ["a missing controller", spec(`${job}.managedBy`, "example.com/queue"), /managedBy is "example.com/],
    ["a manual selector", spec(`${job}.manualSelector`, true), /manualSelector is true/],
    ["success without work", spec(`${job}.successPolicy`, { rules: [{}] }), /successPolicy is set/],
    [
      "a run stopped before its time limit",
      spec(`${job}.activeDeadlineSeconds`, 30),
      /activeDeadlineSeconds is 30, it must be 1200 or more, the run time limit of the plan/,
    ],
    [
      "a run deleted before its result can be read",
      spec(`${job}.ttlSecondsAfterFinished`, 0, "standby-promote"),
      /standby-promote: .+ttlSecondsAfterFinished is 0/,
    ],
    // The pod
    ["missing nodes", spec(`${pod}.nodeSelector`, { disk: "tape" }), /nodeSelector is set.+; remove it/],
    ["one node", spec(`${pod}.nodeName`, "node-7"), /nodeName is set/],
    ["a choice of nodes", spec(`${pod}.affinity`, { nodeAffinity: {} }), /affinity is set/],
    ["a missing scheduler", spec(`${pod}.schedulerName`, "mine"), /schedulerName is "mine"/],
    ["a scheduling gate", spec(`${pod}.schedulingGates`, [{ name: "x" }]), /schedulingGates is set/],
    ["a runtime that no node has", spec(`${pod}.runtimeClassName`, "gvisor"), /runtimeClassName is set/],
    ["another operating system", spec(`${pod}.os`, { name: "windows" }), /os is set/],
    ["a spread that no cluster allows", spec(`${pod}.topologySpreadConstraints`, [{}]), /topologySpread.+ is set/],
    ["a time limit of the pod", spec(`${pod}.activeDeadlineSeconds`, 1), /template.spec.activeDeadlineSeconds is set/],
    ["disabled DNS", spec(`${pod}.dnsPolicy`, "None"), /dnsPolicy is "None"/],
    ["host aliases", spec(`${pod}.hostAliases`, [{ ip: "192.0.2.1" }]), /hostAliases is set/],
    ["a network that the namespace forbids", spec(`${pod}.hostNetwork`, true), /hostNetwork is true/],
    ["another priority class", spec(`${pod}.priorityClassName`, "none-such"), /priorityClassName is "none-such"/],
    [
      "the permissions of another job",
      spec(`${pod}.serviceAccountName`, "continuity-promote"),
      /serviceAccountName is "continuity-promote", it must be "continuity-export"/,
    ],
    ["no ServiceAccount", spec(`${pod}.serviceAccountName`, undefined), /serviceAccountName is missing/],
    ["root", spec(`${pod}.securityContext.runAsUser`, 0), /runAsUser is 0/],
    ["a pod that may be root", spec(`${pod}.securityContext.runAsNonRoot`, false), /runAsNonRoot is false/],
    ["a pod without security settings", spec(`${pod}.securityContext`, undefined), /securityContext is missing/],
    [
      "a missing volume",
      added(`${pod}.volumes`, { name: "more", secret: { secretName: "absent" } }),
      /volumes.1 may depend on something outside the pod; use an emptyDir or/,
    ],
    [
      "a restore test with less space than the database has",
      spec(`${pod}.volumes.1.ephemeral.volumeClaimTemplate.spec.resources.requests.storage`, "20Gi", "restore-verify"),
      /restore-verify: .+requests.storage is "20Gi", it must be "50Gi"/,
    ],
    [
      "a restore test on a volume without a file system",
      spec(`${pod}.volumes.1.ephemeral.volumeClaimTemplate.spec.volumeMode`, "Block", "restore-verify"),
      /restore-verify: .+volumeMode is "Block"/,
    ],
    [
      "a restore test on a storage class that the database does not use",
      spec(`${pod}.volumes.1.ephemeral.volumeClaimTemplate.spec.storageClassName`, "tape", "restore-verify"),
      /restore-verify: .+storageClassName is set/,
    ],
    [
      "a restore test on a raw block device",
      spec(`${pod}.volumes.1.ephemeral.volumeClaimTemplate.spec.volumeMode`, "Block", "restore-verify"),
      /restore-verify: .+volumeMode is "Block", it must be "Filesystem"/,
    ],
    // Containers
    [
      "a second container that never ends",
      added(`${pod}.containers`, { name: "helper", image: "sleep" }),
      /2 containers, 1 wanted: a second one that does not exit/,
    ],
    [
      "an init container that never ends",
      spec(`${pod}.initContainers`, [{ name: "wait", image: "sleep" }]),
      /1 initContainers, 0 wanted: one that does not exit keeps the job from starting/,
    ],
    [
      "a scratch database that must end before the test starts",
      spec(`${sidecar}.restartPolicy`, undefined, "restore-verify"),
      /initContainers.0.restartPolicy is missing, it must be "Always"/,
    ],
    [
      "a scratch database of another version",
      spec(`${sidecar}.image`, "surrealdb/surrealdb:v1", "restore-verify"),
      /initContainers.0.image is "surrealdb\/surrealdb:v1", it must be "surrealdb\/surrealdb:v3.0.3"/,
    ],
    [
      "a scratch database that does not serve",
      spec(`${sidecar}.args`, ["version"], "restore-verify"),
      /scratch-database does not run "start"/,
    ],
    ["another container name", spec(`${container}.name`, "main"), /containers.0.name is "main", it must be "job"/],
    [
      "another image",
      spec(`${container}.image`, "busybox:1"),
      /image is "busybox:1", it must be "registry.vapora.example\/vapora\/continuity-jobs:1.0.0"/,
    ],
    ["an image that no node has", spec(`${container}.imagePullPolicy`, "Never"), /imagePullPolicy is "Never"/],
    ["another program", spec(`${container}.command`, ["true"]), /containers.0.command is set/],
    ["other arguments", spec(`${container}.args`, ["export", "--help"]), /runs export --help; it must run "export"/],
    ["no arguments", spec(`${container}.args`, undefined), /runs nothing; it must run "export"/],
    ["a hook that never ends", spec(`${container}.lifecycle`, { postStart: {} }), /lifecycle is set/],
    ["a probe that ends the work", spec(`${container}.livenessProbe`, { exec: {} }), /livenessProbe is set/],
    ["variables from a missing ConfigMap", spec(`${container}.envFrom`, [{}]), /envFrom is set/],
    ["another folder", spec(`${container}.workingDir`, "/absent"), /workingDir is set/],
    ["privileges", spec(`${container}.securityContext.allowPrivilegeEscalation`, true), /Escalation is true/],
    ["capabilities", spec(`${container}.securityContext.capabilities.drop`, ["KILL"]), /keeps capabilities/],
    ["another site", env("SITE", { value: "alternate" }), /SITE is alternate, the stack's configuration has primary/],
    ["another role", env("SITE_ROLE", { value: "standby" }), /SITE_ROLE is standby, .+ has active/],
    ["no role", env("SITE_ROLE", undefined), /SITE_ROLE is missing/],
    [
      "a password from a missing Secret",
      env("DATABASE_PASSWORD", { valueFrom: { secretKeyRef: { name: "absent", key: "password" } } }),
      /DATABASE_PASSWORD comes from absent, which this stack does not create; use one of surrealdb-root/,
    ],
    [
      "a password from a ConfigMap",
      env("DATABASE_PASSWORD", { valueFrom: { configMapKeyRef: { name: "absent", key: "password" } } }),
      /DATABASE_PASSWORD comes from a source other than a Secret/,
    ],
    // Which job
    ["no template of the promotion", without(cronJob, "standby-promote"), /0 CronJobs "standby-promote"/],
    ["a renamed type of CronJobs", renamed(cronJob), /0 CronJobs "export"/],
    // Standing jobs
    ["no watch", without(deployment, "recovery-point-watch"), /0 Deployments "recovery-point-watch"/],
    [
      "a watch without a pod",
      set(deployment, "recovery-point-watch", "spec.replicas", 0),
      /recovery-point-watch: spec.replicas is 0, it must be 1/,
    ],
    ["no traffic watch", without(deployment, "traffic-watch"), /0 Deployments "traffic-watch"/],
    [
      "a traffic watch without its own role",
      set(deployment, "traffic-watch", "spec.template.spec.serviceAccountName", "continuity-watch"),
      /traffic-watch: .+serviceAccountName is "continuity-watch", it must be "continuity-switch"/,
    ],
    ["no guard", without(deployment, "writer-guard"), /0 Deployments "writer-guard"/],
    ["a paused watch", set(deployment, "recovery-point-watch", "spec.paused", true), /paused is true/],
    [
      "a watch of another image",
      set(deployment, "recovery-point-watch", "spec.template.spec.containers.0.image", "busybox:1"),
      /recovery-point-watch: .+image is "busybox:1"/,
    ],
  ];

  for (const [what, change, message] of cases) {
    it(`stops ${what}`, async () => {
      const reported = await violations(policy, ["primary", "active"], change);
      expect(reported.map((violation) => violation.message).join("\n")).to.match(message);
    });
  }

  it("stops a standby whose sync has no pod", async () => {
    const change = set(deployment, "standby-sync", "spec.replicas", 0);
    const [first] = await violations(policy, ["alternate", "standby"], change);
    expect(first?.message).to.equal("standby-sync: spec.replicas is 0, it must be 1; set it");
    expect(first?.urn).to.match(/Deployment::standby-sync$/);
  });

  it("rejects an isolated site whose watch has no pod: its silence would raise alarms", async () => {
    const change = set(deployment, "recovery-point-watch", "spec.replicas", 0);
    const reported = await violations(policy, ["primary", "isolated"], change);
    expect(reported.map(({ message }) => message)).to.deep.equal([
      "recovery-point-watch: spec.replicas is 0, it must be 1; set it",
    ]);
  });

  it("uses the images in the stack's configuration", async () => {
    const config = { imageRegistry: "registry.shop.example", imageTag: "2.1.0" };
    const reported = await violations(policy, ["primary", "active"], () => undefined, config);
    expect(reported.map(({ message }) => message).join()).to.contain(
      'it must be "registry.shop.example/continuity-jobs:2.1.0"',
    );
  });
});
