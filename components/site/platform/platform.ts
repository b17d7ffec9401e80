import * as pulumi from "@pulumi/pulumi";
import type { Plan, Service, Tier } from "../../../plan/index.ts";
import {
  accessKeysSecret,
  kubeletPathsOf,
  kubernetesNames,
  ownRegion,
  workloadOf,
  type SiteFacts,
} from "../../../contract/index.ts";
import { credentialsEnv, env, type EnvVar, type Resources } from "../../kit/kubernetes/index.ts";
import { databaseUrl } from "../jobs/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { problem, refuse, wholeNumber, type Problem } from "../../kit/problems.ts";
import { replicasOf, type TierReplicas } from "./replicas.ts";
import { serviceWorkload } from "./service-workload.ts";

export interface PlatformArgs {
  /** The site on which the services run. */
  facts: SiteFacts;
  /** Tiers with their services and standby modes, from the plan. */
  tiers: Plan["tiers"];
  /** Image of a service, by its id. */
  imageOf: (serviceId: string) => pulumi.Input<string>;
  /** Hostname of this site. */
  siteHostname: string;
  /**
   * ARN of the ACM certificate, in this site's region, for TLS at the load balancer.
   * Omit: plain HTTP on port 80.
   */
  certificateArn?: string | undefined;
  /**
   * Pods of each tier's services while the site is active; a warm standby has as many.
   * @default 2 in tier 1, 1 in the others
   */
  tierReplicas?: TierReplicas | undefined;
  /**
   * CPU and memory of each pod.
   * @default 100m CPU, 256Mi memory
   */
  resources?: Resources | undefined;
}

/**
 * Deploys the plan's services tier by tier, each after the previous tier is ready. On a standby, warm-standby tiers run
 * and pilot-light tiers are scaled to zero; on an isolated site every service is.
 */
export class Platform extends pulumi.ComponentResource {
  /** Ids of the services, by tier. */
  public readonly services: Readonly<Record<string, string[]>>;

  constructor(name: string, args: PlatformArgs, opts?: OrderedOptions) {
    super("continuity:platform:Platform", name, {}, opts);
    refuse(this, `Platform "${name}"`, findProblems(args));
    let before: pulumi.Resource[] = [];
    for (const tier of [...args.tiers].sort((a, b) => a.tier - b.tier)) {
      const children = childOptions(this, opts, ...before);
      before = workloadsOf(tier).map((service) => this.workload(service, tier, args, children));
    }
    this.services = Object.fromEntries(args.tiers.map(({ tier, services }) => [tier, services.map(({ id }) => id)]));
    this.registerOutputs({ services: this.services });
  }

  private workload(
    service: Service,
    tier: Tier,
    args: PlatformArgs,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource {
    return serviceWorkload(
      {
        namespace: args.facts.namespace,
        id: service.id,
        tier: tier.tier,
        image: args.imageOf(service.id),
        replicas: replicasOf(tier.tier, tier.standby, args.facts.role, args.tierReplicas ?? {}),
        env: serviceEnv(service.id, tier.tier, args.facts),
        resources: args.resources ?? { cpu: "100m", memory: "256Mi" },
        paths: kubeletPathsOf(service),
        entry: service.takesTraffic ? entryOf(args) : undefined,
      },
      opts,
    );
  }
}

const entryOf = ({ siteHostname, certificateArn }: PlatformArgs) => ({ hostname: siteHostname, certificateArn });

/** The service that holds the data is the `Database`, not one of these. */
const workloadsOf = (tier: Tier): Service[] =>
  tier.services.filter((service) => workloadOf(service).kind === "Deployment");

const serviceEnv = (id: string, tier: number, facts: SiteFacts): EnvVar[] => [
  ...env({
    SITE_ROLE: facts.role,
    SITE: facts.site,
    SERVICE: id,
    SERVICE_TIER: String(tier),
    PORT: String(kubernetesNames.httpPort),
    DATABASE_URL: databaseUrl,
    DATABASE_NAMESPACE: facts.databaseNamespace,
    AWS_REGION: ownRegion(facts),
  }),
  ...credentialsEnv("DATABASE", kubernetesNames.databaseUserSecret),
  ...(tier === 1 ? env({ ACCESS_KEYS_SECRET_ID: accessKeysSecret(facts.topology) }) : []),
];

function findProblems({ tiers, tierReplicas }: PlatformArgs): Problem[] {
  const problems = Object.entries(tierReplicas ?? {}).flatMap(([tier, replicas]) => [
    ...wholeNumber(`tierReplicas.${tier}`, replicas, 1, "pods"),
    ...(tiers.some((known) => String(known.tier) === tier) ? [] : [unknownTier(tier, tiers)]),
  ]);
  const hasEntry = tiers.some((tier) => workloadsOf(tier).some(({ takesTraffic }) => takesTraffic));
  if (hasEntry) return problems;
  const rule = "must contain a service that takes the site's traffic";
  const remedy = "set takesTraffic in the plan";
  return [
    ...problems,
    problem(
      "tiers",
      tiers.map(({ tier }) => tier),
      rule,
      remedy,
    ),
  ];
}

const unknownTier = (tier: string, tiers: Plan["tiers"]): Problem =>
  problem(
    `tierReplicas.${tier}`,
    tier,
    `must be a tier of the plan (${tiers.map((known) => known.tier).join(", ")})`,
    "correct the tier or add it to the plan",
  );
