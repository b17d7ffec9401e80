/** Every key of a stack's configuration: the single definition for program, policies, commands and drill. */
import { problem } from "../problems.ts";
import type { LockMode, Role, StackPart } from "../topology.ts";
import { clusterSettings } from "./cluster-settings.ts";
import { accessProblems } from "./access-names.ts";
import { subscriberProblems, type AlarmSubscriber } from "./alarm-subscribers.ts";
import { anyText, fromJson, list, oneOf, optional, text, withDefault, type Setting } from "./setting.ts";

const hostname = (about: string, example: string) =>
  text(
    about,
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
    "must be a lower-case DNS name",
    `write e.g. ${example}`,
  );

const region = (about: string, example: string) =>
  text(about, /^[a-z]{2}(-[a-z]+)+-\d$/, "must be an AWS region", `write e.g. ${example}`);

const siteSettings = {
  site: oneOf<StackPart>(
    "What this stack deploys: the primary site, the alternate site, or shared, which both sites use.",
    ["primary", "alternate", "shared"],
    "set it to what this stack deploys",
  ),
  role: oneOf<Role>(
    "Current role of the site: active, standby or isolated. The only setting that a failover changes. Not in the shared stack.",
    ["active", "standby", "isolated"],
    "set it to the site's current role",
  ),
  namePrefix: text(
    "Prefix of every physical name, 3 to 24 lower-case letters, digits and hyphens. The same in every stack.",
    /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/,
    "must be 3 to 24 lower-case letters, digits and hyphens, beginning with a letter",
    "shorten or correct it, in every stack",
  ),
  namespace: text(
    "Kubernetes namespace of a site. The same at both sites; changing it replaces everything in the cluster.",
    /^(?=.{1,50}$)[a-z]([a-z0-9-]*[a-z0-9])?$/,
    "must be a Kubernetes namespace name: up to 50 lower-case letters, digits and hyphens",
    "correct it, in both sites' stacks",
  ),
  databaseNamespace: text(
    "SurrealDB namespace of the site's databases. The same at both sites; changing it starts with an empty database.",
    /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    "must be a valid name for DEFINE NAMESPACE: letters, digits and underscores",
    "correct it, in both sites' stacks",
  ),
  primaryRegion: region("AWS region of the primary site. The same in every stack.", "eu-west-1"),
  alternateRegion: region(
    "AWS region of the alternate site; must differ from primaryRegion. The same in every stack.",
    "eu-central-1",
  ),
  accountId: text(
    "AWS account of both sites, 12 digits. The providers refuse any other account.",
    /^\d{12}$/,
    "must be an AWS account id of 12 digits",
    "quote it, so that YAML keeps leading zeros",
  ),
};

const hostnameSettings = {
  publicHostname: hostname("Public hostname that clients connect to. The same in every stack.", "api.example.com"),
  primaryHostname: hostname(
    "Hostname of the primary site; external-dns points it to the site's load balancer.",
    "primary.api.example.com",
  ),
  alternateHostname: hostname(
    "Hostname of the alternate site; external-dns points it to the site's load balancer.",
    "alternate.api.example.com",
  ),
  hostedZoneName: hostname(
    "Route 53 zone that contains publicHostname; must exist. In the shared stack only.",
    "example.com",
  ),
  hostedZoneId: optional(anyText("Id of that zone. Default: looked up by hostedZoneName at each update.")),
  certificateArn: optional(
    anyText(
      "ARN of an ACM certificate in the site's region for TLS at its load balancer; must cover the site's name and the public one. Default: none, HTTP on port 80. In every stack or in none; in the shared stack either site's.",
    ),
  ),
};

const workloadSettings = {
  imageRegistry: text(
    "Registry and path of the images of services and jobs.",
    /^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$/,
    "must be a registry with its path, without https:// and without a trailing slash",
    "write e.g. registry.example.com/shop",
  ),
  imageTag: withDefault(anyText("Tag of the images of services and jobs."), "1.0.0"),
  databaseImage: withDefault(
    anyText("Image of SurrealDB. The same at both sites, or a restore may fail."),
    "surrealdb/surrealdb:v3.0.3",
  ),
  databaseStorage: withDefault(
    anyText("Size of the database's volume; at least twice the data, since a restore never overwrites."),
    "50Gi",
  ),
  storageClassName: optional(
    text(
      "Storage class of the database's volume; empty: a volume that is made by hand. Default: the cluster's own; in a created cluster, continuity-database.",
      /^\S*$/,
      "must be the name of a storage class, or empty",
      "correct it, or remove the key",
    ),
  ),
  tierReplicas: optional<Record<number, number>>({
    about: "Pods of each tier's services while the site is active, by tier. Default: 2 in tier 1, 1 elsewhere.",
    kind: "json",
    read: (written) => replicasIn(fromJson(written)),
    problems: (value, key) => {
      if (Object.values(value).every((pods) => Number.isInteger(pods) && pods >= 1)) return [];
      const rule = 'must map tiers to pods, each 1 or more, such as {"1": 2}';
      return [problem(key, value, rule, "use: pulumi config set --path tierReplicas.1 2")];
    },
  }),
  lockMode: withDefault(
    oneOf<LockMode>(
      "Who may shorten the lock of a recovery point: COMPLIANCE, nobody until it ends, which cannot be undone; GOVERNANCE, a role with s3:BypassGovernanceRetention. Used by the shared stack only. Default: COMPLIANCE, so that a missing key never weakens a lock.",
      ["COMPLIANCE", "GOVERNANCE"],
      "write GOVERNANCE for a first try, COMPLIANCE for real data",
    ),
    "COMPLIANCE",
  ),
  lockDays: optional<number>({
    about:
      "Days for which a new object is locked; fewer than the plan's retention only with lockMode GOVERNANCE. The same in every stack. Default: the plan's retention.",
    kind: "json",
    read: (written) => {
      const given = fromJson(written);
      return typeof given === "number" ? given : Number.NaN;
    },
    problems: (value, key) =>
      Number.isInteger(value) && value >= 1
        ? []
        : [problem(key, value, "must be a whole number of days, 1 or more", "correct it, or remove the key")],
  }),
  accessNames: list<string>(
    "Database accesses (DEFINE ACCESS) that sign tokens; one key is generated for each. Used by the shared stack only.",
    (written) => written,
    (value, key) => accessProblems(key, value),
  ),
  alarmSubscribers: withDefault(
    list<AlarmSubscriber>(
      "Subscribers of the alarms in the site's region, each with protocol and endpoint; in the shared stack, of those about unreachable sites. Default: none, allowed for an isolated site only.",
      (written) => ({ protocol: written, endpoint: "" }),
      (value, key) => subscriberProblems(key, value),
    ),
    [],
  ),
};

const toolSettings = {
  clusterName: optional(
    anyText("EKS cluster of the site; must exist unless cluster is created. Default: <namePrefix>-<site>."),
  ),
  clusterIdentifier: optional(
    anyText(
      "Identity of the site's cluster in the state; another one creates every object again. Set a new one when a cluster was rebuilt under the same name. Default: that of the existing stack, otherwise clusterName; a created cluster has its own.",
    ),
  ),
  kubeContext: optional(
    anyText("Context of the site's cluster in the kubeconfig. Default: clusterName; with kubeconfig, its current one."),
  ),
  kubeconfig: optional(
    anyText(
      "Kubeconfig of the site's cluster, as text; set it with --secret. Default: ambient; for a created cluster, one that calls `aws eks get-token`.",
    ),
  ),
  planFile: optional(
    anyText("Path of the plan, relative to the directory of Pulumi.yaml. Default: plan/continuity.yaml."),
  ),
};

/** All keys, without the project's name. */
export const stackSettings = {
  ...siteSettings,
  ...hostnameSettings,
  ...workloadSettings,
  ...clusterSettings,
  ...toolSettings,
};

export type SettingName = keyof typeof stackSettings;

/** The configuration of one stack as written; values derived from several keys are computed by its readers. */
export type StackConfiguration = {
  [Name in SettingName]: (typeof stackSettings)[Name] extends Setting<infer Value> ? Value : never;
};

/** Anything but an object becomes an invalid one. */
const replicasIn = (given: unknown): Record<number, number> =>
  typeof given === "object" && given !== null && !Array.isArray(given)
    ? (given as Record<number, number>)
    : { [Number.NaN]: Number.NaN };
