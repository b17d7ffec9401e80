import { resolve as absolute } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import type { Writer } from "../jobs/index.ts";
import type { Plan } from "../plan/index.ts";
import {
  loadPlan,
  planPath,
  regionOf,
  trafficProbeOf,
  workloadOf,
  type Role,
  type SiteName,
} from "../contract/index.ts";
import { exitStatus, messageOf } from "./cannot-run.ts";
import { certificateProblems } from "./certificate.ts";
import { ownerProblems } from "./dns-owners.ts";
import { judgeRpo, newestVerified, type AwsAccess } from "./failover/index.ts";
import { listWorkloads, readWorkload } from "./kubernetes-objects.ts";
import { Kubernetes, type KubernetesApi } from "./kubernetes.ts";
import { duration } from "./duration.ts";
import type { Resolve } from "./site-http.ts";
import { ManagedStack, type StackSettings } from "./stacks.ts";
import { viewSite, writerProblems } from "./writers.ts";

export interface SiteStatus {
  stack: string;
  site: SiteName;
  region: string;
  role: Role;
  /** Whether the cluster's API responded within the time limit. */
  clusterReachable: boolean;
  services: { id: string; tier: number; ready: number; wanted: number }[];
  /** Newest recovery point restored and verified in this region. */
  recoveryPoint: { slot: string; ageSeconds: number; withinRpo: boolean } | undefined;
  /** Whether it serves users under its own name; undefined: not checked, as with a single stack. */
  serves?: boolean | undefined;
  /** The writer record in its own region; undefined: missing or unreadable. */
  writerRecord?: Writer | undefined;
  problems: string[];
}

export interface StatusCommandOptions {
  stack: string[];
  project: string;
  resolve: readonly (readonly [hostname: string, url: string])[];
  json?: boolean;
}

/** Exit status: 0 healthy, 1 a site or its recovery point age is not, or not exactly one site writes. */
export async function statusCommand(options: StatusCommandOptions): Promise<number> {
  const projectDirectory = absolute(options.project);
  const resolve = Object.fromEntries(options.resolve);
  const asked = await Promise.all(
    options.stack.map(async (stack) => {
      const settings = await (await ManagedStack.select({ projectDirectory, stack })).settings();
      const plan = loadPlan(planPath(projectDirectory, settings.planFile));
      const { namespace, kubeconfig, kubeContext: context } = settings;
      const { siteHostname, publicHostname, endpoint } = settings;
      const [status, view, certificate] = await Promise.all([
        siteStatus({ stack, settings, plan, kubernetes: () => new Kubernetes({ namespace, kubeconfig, context }) }),
        // With a single stack the name is not probed: whether it should serve depends on the other one.
        viewSite({ stack, settings, resolve, probe: options.stack.length > 1 ? trafficProbeOf(plan) : undefined }),
        certificateProblems({ siteHostname, publicHostname, endpoint, resolve }),
      ]);
      return { settings, status, view, certificate };
    }),
  );
  const found = writerProblems(asked.map(({ view }) => view));
  const owners = await sharedOwners(
    asked.map(({ settings }) => settings),
    resolve,
  );
  const answers = asked.map(({ status, view, certificate }): SiteStatus => ({
    ...status,
    serves: view.probe?.serves,
    writerRecord: view.record,
    problems: [...status.problems, ...(found.get(status.stack) ?? []), ...certificate, ...owners],
  }));
  process.stdout.write(
    options.json === true ? `${JSON.stringify(answers, undefined, 2)}\n` : answers.map(describe).join("\n"),
  );
  return answers.every((answer) => answer.problems.length === 0) ? exitStatus.met : exitStatus.missed;
}

/** Names whose address is given by hand are not in the DNS that is asked. */
async function sharedOwners(stacks: readonly StackSettings[], resolve: Resolve): Promise<string[]> {
  const hostnames = (["primary", "alternate"] as const).map(
    (site) => stacks.find((settings) => settings.site === site)?.siteHostname,
  );
  const [primary, alternate] = hostnames;
  if (primary === undefined || alternate === undefined || primary in resolve || alternate in resolve) return [];
  return ownerProblems([primary, alternate]);
}

/** Queries a site's cluster and bucket, each with a time limit: a dead region is a result, not a hang. */
export async function siteStatus(options: {
  stack: string;
  settings: StackSettings;
  plan: Plan;
  kubernetes: () => KubernetesApi;
  aws?: AwsAccess;
}): Promise<SiteStatus> {
  const { stack, settings, plan } = options;
  const region = regionOf(settings.topology, settings.site);
  const s3 = new S3Client({ region, maxAttempts: 2, ...options.aws });
  const problems: string[] = [];
  const attempt = async <T>(what: string, query: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await query();
    } catch (error) {
      problems.push(`${what}: ${messageOf(error)}`);
      return undefined;
    }
  };
  try {
    const [services, point] = await Promise.all([
      attempt("the cluster is unreachable", () => readyServices(plan, options.kubernetes())),
      attempt("cannot read the recovery points", () => newestVerified({ settings }, s3)),
    ]);
    const newest = point?.newest;
    const age = newest && judgeRpo(newest, plan);
    if (point && age?.withinRpo !== true && settings.role === "standby") problems.push(ageProblem(age));
    const refused = settings.role === "standby" ? (point?.refused ?? []) : [];
    problems.push(...refused.map((reason) => `rejected evidence: ${reason}`));
    if (services && settings.role !== "isolated") problems.push(...notReady(services));
    return {
      stack,
      site: settings.site,
      region,
      role: settings.role,
      clusterReachable: services !== undefined,
      services: services ?? [],
      recoveryPoint: newest && age && { slot: newest.slot, ageSeconds: age.ageSeconds, withinRpo: age.withinRpo },
      problems,
    };
  } finally {
    s3.destroy();
  }
}

const ageProblem = (age: ReturnType<typeof judgeRpo> | undefined): string =>
  age === undefined
    ? "no recovery point has been restored and verified at this site"
    : `the newest verified recovery point is ${duration(age.ageSeconds)} old, the RPO is ${duration(age.rpoSeconds)}`;

const notReady = (services: SiteStatus["services"]): string[] =>
  services
    .filter(({ ready, wanted }) => ready < wanted)
    .map(({ id, ready, wanted }) => `${id}: ${ready} of ${wanted} ready`);

async function readyServices(plan: Plan, kubernetes: KubernetesApi): Promise<SiteStatus["services"]> {
  const live = await listWorkloads(kubernetes);
  return plan.tiers.flatMap(({ tier, services }) =>
    services.map((service) => {
      const { kind, name } = workloadOf(service);
      const workload = readWorkload(live.get(`${kind}/${name}`));
      // What is missing or malformed is not ready.
      const known = typeof workload === "string" ? undefined : workload;
      return {
        id: service.id,
        tier,
        ready: known?.status.readyReplicas ?? 0,
        wanted: known?.spec.replicas ?? 1,
      };
    }),
  );
}

const describeRecord = ({ site, epoch, since }: Writer): string => `${site} site since ${since}, epoch ${epoch}`;

function describe(status: SiteStatus): string {
  const point = status.recoveryPoint;
  const lines = [
    `${status.stack}: ${status.site} site in ${status.region}, role ${status.role}`,
    `  cluster         ${status.clusterReachable ? "reachable" : "unreachable"}`,
    ...status.services.map(({ id, tier, ready, wanted }) => `  tier ${tier}          ${id} ${ready}/${wanted}`),
    `  recovery point  ${point ? `${point.slot}, ${duration(point.ageSeconds)} old, ${point.withinRpo ? "within" : "beyond"} the RPO` : "none verified here"}`,
    ...(status.serves === undefined ? [] : [`  users           ${status.serves ? "served" : "not served"}`]),
    ...(status.writerRecord === undefined ? [] : [`  writer record   ${describeRecord(status.writerRecord)}`]),
    ...status.problems.map((problem) => `  ! ${problem}`),
  ];
  return `${lines.join("\n")}\n`;
}
