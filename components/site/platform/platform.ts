import * as pulumi from "@pulumi/pulumi";
import type { Plan, Service, Tier } from "../../../plan/index.ts";
import {
  accessKeysSecret,
  kubeletPathsOf,
  kubernetesNames,
  ownRegion,
  portOf,
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
   * CPU and memory of each pod of a service whose size the plan does not state.
   * @default 100m CPU, 256Mi memory
   */
  resources?: Resources | undefined;
}

/**
 * Deploys the plan's services tier by tier, each after the previous tier is ready, and within a tier each after the
 * services that it needs. On a standby, warm-standby tiers run
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
      before = inOrder(workloadsOf(tier), (service, needed) =>
        this.workload(service, tier, args, childOptions(this, opts, ...before, ...needed)),
      );
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
        image: service.image ?? args.imageOf(service.id),
        replicas: replicasOf(tier.tier, tier.standby, args.facts.role, args.tierReplicas ?? {}),
        env: serviceEnv(service, tier.tier, args.facts),
        port: portOf(service),
        needsKeys: needsKeys(service, tier.tier),
        resources: sizeOf(service, args.resources),
        paths: kubeletPathsOf(service),
        entry: service.takesTraffic ? entryOf(args) : undefined,
      },
      opts,
    );
  }
}

/** Makes each service after those of its own tier that it needs; the plan has no cycles. */
function inOrder<T>(services: readonly Service[], make: (service: Service, needed: T[]) => T): T[] {
  const made = new Map<string, T>();
  const after = (service: Service): T => {
    const needed = services.filter(({ id }) => service.needs.includes(id)).map(after);
    const resource = made.get(service.id) ?? make(service, needed);
    made.set(service.id, resource);
    return resource;
  };
  return services.map(after);
}

const entryOf = ({ siteHostname, certificateArn }: PlatformArgs) => ({ hostname: siteHostname, certificateArn });

/** The service that holds the data is the `Database`, not one of these. */
const workloadsOf = (tier: Tier): Service[] =>
  tier.services.filter((service) => workloadOf(service).kind === "Deployment");

const defaultSize: Resources = { cpu: "100m", memory: "256Mi" };

const sizeOf = ({ size }: Service, { cpu, memory }: Resources = defaultSize): Resources => ({
  cpu: size?.cpu ?? cpu,
  memory: size?.memory ?? memory,
});

const needsKeys = (service: Service, tier: number): boolean => service.needsKeys ?? tier === 1;

const serviceEnv = (service: Service, tier: number, facts: SiteFacts): EnvVar[] => [
  ...env({
    SITE_ROLE: facts.role,
    SITE: facts.site,
    SERVICE: service.id,
    SERVICE_TIER: String(tier),
    PORT: String(portOf(service)),
    DATABASE_URL: databaseUrl,
    DATABASE_NAMESPACE: facts.databaseNamespace,
    AWS_REGION: ownRegion(facts),
  }),
  ...credentialsEnv("DATABASE", kubernetesNames.databaseUserSecret),
  ...(needsKeys(service, tier) ? env({ ACCESS_KEYS_SECRET_ID: accessKeysSecret(facts.topology) }) : []),
  ...env(service.environment ?? {}),
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
