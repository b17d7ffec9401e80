import * as pulumi from "@pulumi/pulumi";
import { strictestRpoSeconds, type Plan } from "../../plan/index.ts";
import {
  alarmTopic,
  type AlarmSubscriber,
  type Role,
  type SiteFacts,
  type SiteName,
  type Topology,
} from "../../contract/index.ts";
import { AlarmTopic } from "../kit/alarms/index.ts";
import { Database } from "./database/index.ts";
import {
  ExportJob,
  RecoveryPointWatch,
  RestoreVerifyJob,
  StandbySync,
  TrafficWatch,
  WriterGuard,
} from "./jobs/index.ts";
import { Platform, priorityClasses } from "./platform/index.ts";
import { childOptions, type OrderedOptions } from "../kit/child-options.ts";
import { problem, refuse, type Problem } from "../kit/problems.ts";
import type { SiteImages } from "./images.ts";
import { namespaceContents, siteNamespace } from "./namespace.ts";
import { networkPolicies } from "./network-policies.ts";
import { PodIdentities } from "./pod-identities.ts";
import { recoveryPointAlarms } from "./recovery-point-alarms.ts";
import { expectedAgeSeconds, importSeconds, longestLossSeconds, promoteLimitSeconds } from "./plan-limits.ts";

export interface SiteArgs {
  /** Name prefix and both regions. */
  topology: Topology;
  /** Which of the two sites this is. */
  site: SiteName;
  /** Current role of the site: the only setting that a failover changes. */
  role: Role;
  /**
   * Kubernetes namespace of the site; the same at both sites. Changing it replaces everything in the cluster, including
   * the database.
   */
  namespace: string;
  /**
   * SurrealDB namespace of the site's databases, and name of its data directory; the same at both sites. Changing it
   * starts with an empty database.
   */
  databaseNamespace: string;
  /** AWS account that owns both sites; 12 digits. */
  accountId: string;
  /** Name of the site's EKS cluster, which must exist. */
  clusterName: string;
  /** The continuity plan. */
  plan: Plan;
  /** Images of services, jobs and database. */
  images: SiteImages;
  /** Hostname of this site. */
  siteHostname: string;
  /**
   * ARN of the ACM certificate, in this site's region, for TLS at its load balancer.
   * Omit: plain HTTP on port 80, e.g. behind another component that terminates TLS.
   */
  certificateArn?: string | undefined;
  /** Who is notified of the alarms in this site's region. */
  alarmSubscribers: readonly AlarmSubscriber[];
  /** Size of the database's volume, e.g. `50Gi`. */
  databaseStorage: string;
  /**
   * Size of the database's claim so far, where `databaseStorage` is larger: the claim must have been expanded.
   * Omit: nothing to compare.
   */
  claimedStorage?: string | undefined;
  /**
   * Storage class of the database's volume.
   * Omit: the cluster's default.
   */
  storageClassName?: string | undefined;
  /**
   * Days for which the buckets lock a new object; the same in every stack.
   * @default the plan's retention
   */
  lockDays?: number | undefined;
  /**
   * Pods of each tier's services while the site is active; a warm standby has as many.
   * @default 2 in tier 1, 1 in the others
   */
  tierReplicas?: Record<number, number> | undefined;
  /**
   * Backup store that must exist before the first export: an object written before replication is enabled is never
   * copied. Omit: the store belongs to another stack, which is deployed first.
   */
  store?: pulumi.Resource | undefined;
}

/**
 * One region's site: namespace, database, services, continuity jobs and their alarms. A change of role updates
 * Kubernetes objects only.
 */
export class Site extends pulumi.ComponentResource {
  /** Ids of the services, by tier. */
  public readonly services: Readonly<Record<string, string[]>>;

  /** Requires two providers: `aws` of the site's region, `kubernetes` of the site's cluster. */
  constructor(name: string, args: SiteArgs, opts?: OrderedOptions) {
    super("continuity:site:Site", name, {}, opts);
    refuse(this, `Site "${name}"`, findProblems(args));
    const { topology, site, role, namespace, databaseNamespace } = args;
    const facts: SiteFacts = { topology, site, role, namespace, databaseNamespace };
    const prerequisites = [...(opts?.dependsOn ?? []), ...this.prerequisites(name, facts, args, opts)];
    const database = new Database(name, databaseArgs(facts, args), { parent: this, dependsOn: prerequisites });
    const before = [...prerequisites, database];
    this.jobs(name, facts, args, { parent: this, dependsOn: args.store ? [...before, args.store] : before });
    const platform = new Platform(name, platformArgs(facts, args), { parent: this, dependsOn: before });
    this.services = platform.services;
    this.registerOutputs({ services: this.services });
  }

  /** Resources that the database, the services and the jobs depend on. */
  private prerequisites(
    name: string,
    facts: SiteFacts,
    args: SiteArgs,
    opts: OrderedOptions | undefined,
  ): pulumi.Resource[] {
    const { topology, accountId, site, clusterName } = args;
    const children = childOptions(this, opts);
    const namespace = siteNamespace(facts, children);
    const inNamespace = childOptions(this, opts, namespace);
    return [
      namespace,
      ...namespaceContents(facts, inNamespace),
      ...networkPolicies(facts, args.plan.tiers, inNamespace),
      ...priorityClasses(facts.namespace, args.plan.tiers, children),
      new PodIdentities(name, { topology, accountId, site, namespace: facts.namespace, clusterName }, children),
    ];
  }

  private jobs(name: string, facts: SiteFacts, args: SiteArgs, opts: OrderedOptions): void {
    const { plan, images, accountId } = args;
    const image = images.jobs;
    const topic = new AlarmTopic(
      name,
      { topicName: alarmTopic(args.topology), accountId, subscribers: args.alarmSubscribers },
      { parent: this },
    );
    recoveryPointAlarms(
      name,
      { topology: args.topology, backups: plan.backups, alarmTopic: topic.arn },
      { parent: this },
    );
    new ExportJob(name, { facts, backups: plan.backups, lockDays: args.lockDays, image }, opts);
    new RestoreVerifyJob(
      name,
      {
        facts,
        schedule: plan.backups.restoreTest,
        image,
        databaseImage: images.database,
        scratchStorage: args.databaseStorage,
        scratchStorageClassName: args.storageClassName,
        alarmTopic: topic.arn,
      },
      opts,
    );
    new StandbySync(
      name,
      {
        facts,
        pollInterval: plan.backups.standbySync.pollInterval,
        replicationBound: plan.backups.replicationBound,
        promoteLimitSeconds: promoteLimitSeconds(plan),
        sequenceNumbersPerSecond: plan.backups.sequenceNumbersPerSecond,
        longestLossSeconds: longestLossSeconds(plan),
        acceptedLossSeconds: strictestRpoSeconds(plan),
        image,
      },
      opts,
    );
    new WriterGuard(name, { facts, image }, opts);
    new TrafficWatch(name, { facts, image }, opts);
    new RecoveryPointWatch(
      name,
      {
        facts,
        rpoSeconds: strictestRpoSeconds(plan),
        expectedAgeSeconds: expectedAgeSeconds(plan),
        backups: plan.backups,
        importSeconds: importSeconds(plan),
        image,
        alarmTopic: topic.arn,
      },
      opts,
    );
  }
}

const databaseArgs = (facts: SiteFacts, args: SiteArgs) => ({
  facts,
  image: args.images.database,
  jobsImage: args.images.jobs,
  storage: args.databaseStorage,
  storageClassName: args.storageClassName,
  claimedStorage: args.claimedStorage,
});

const platformArgs = (facts: SiteFacts, args: SiteArgs) => ({
  facts,
  tiers: args.plan.tiers,
  imageOf: args.images.service,
  siteHostname: args.siteHostname,
  certificateArn: args.certificateArn,
  tierReplicas: args.tierReplicas,
});

function findProblems({ clusterName }: SiteArgs): Problem[] {
  if (/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/.test(clusterName)) return [];
  const rule = "must be an EKS cluster name: up to 100 letters, digits, hyphens and underscores";
  return [problem("clusterName", clusterName, rule, "correct clusterName")];
}
