/** Every key of a stack's configuration: the one definition that program, policies, commands and drill read it by. */
import { problem } from "../problems.ts";
import type { Role, SiteName } from "../topology.ts";
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

const places = {
  site: oneOf<SiteName>(
    "Site that this stack owns, primary or alternate.",
    ["primary", "alternate"],
    "name the site that this stack owns",
  ),
  role: oneOf<Role>(
    "What the site does now: active, standby or isolated. The only setting that a failover changes.",
    ["active", "standby", "isolated"],
    "name what the site does now",
  ),
  namePrefix: text(
    "Prefix of every physical name, 3 to 24 lower-case letters, digits and hyphens. The same in both stacks.",
    /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/,
    "must be 3 to 24 lower-case letters, digits and hyphens, beginning with a letter",
    "shorten or correct it; both stacks need the same",
  ),
  namespace: text(
    "Kubernetes namespace of everything that a site runs. The same in both stacks; another name replaces it all.",
    /^(?=.{1,50}$)[a-z]([a-z0-9-]*[a-z0-9])?$/,
    "must be a name of a Kubernetes namespace: up to 50 lower-case letters, digits and hyphens",
    "correct it; both stacks need the same",
  ),
  databaseNamespace: text(
    "SurrealDB namespace of the site's databases. The same in both stacks; another name starts an empty database.",
    /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    "must be a name as DEFINE NAMESPACE takes it: letters, digits and underscores",
    "correct it; both stacks need the same",
  ),
  primaryRegion: region("AWS region of the primary site. The same in both stacks.", "eu-west-1"),
  alternateRegion: region(
    "AWS region of the alternate site; never the primary's. The same in both stacks.",
    "eu-central-1",
  ),
  accountId: text(
    "AWS account that owns everything, 12 digits. The providers refuse any other.",
    /^\d{12}$/,
    "must be an AWS account id of 12 digits",
    "write it in quotes, so that YAML keeps leading zeros",
  ),
};

const names = {
  publicHostname: hostname("Name that users know. The same in both stacks.", "api.example.com"),
  primaryHostname: hostname(
    "Name under which the primary site answers; external-dns points it at the site's load balancer.",
    "primary.api.example.com",
  ),
  alternateHostname: hostname(
    "Name under which the alternate site answers; external-dns points it at the site's load balancer.",
    "alternate.api.example.com",
  ),
  hostedZoneName: hostname("Route 53 zone that holds publicHostname; must exist.", "example.com"),
  hostedZoneId: optional(anyText("Id of that zone. Default: looked up by hostedZoneName at each update.")),
  certificateArn: optional(
    anyText(
      "ACM certificate in the site's own region for TLS at its load balancer. Default: none, HTTP on port 80. Both stacks or neither.",
    ),
  ),
};

const parts = {
  imageRegistry: text(
    "Registry and folder of the services' and jobs' images.",
    /^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$/,
    "must be a registry with its folder, without https:// and without a slash at its end",
    "write e.g. registry.example.com/shop",
  ),
  imageTag: withDefault(anyText("Tag of the services' and jobs' images."), "1.0.0"),
  databaseImage: withDefault(
    anyText("Image of SurrealDB. The same in both stacks, or a restore may fail."),
    "surrealdb/surrealdb:v3.0.3",
  ),
  databaseStorage: withDefault(
    anyText("Size of the database's volume; twice the data, since a restore never overwrites."),
    "50Gi",
  ),
  storageClassName: optional(
    text(
      "Storage class of the database's volume; empty: a volume that is made by hand. Default: the cluster's own.",
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
      const rule = 'must be an object of tiers and pods, each 1 or more, such as {"1": 2}';
      return [problem(key, value, rule, "use: pulumi config set --path tierReplicas.1 2")];
    },
  }),
  accessNames: list<string>(
    "Every database access (DEFINE ACCESS) that signs tokens; each gets a key. Read from the primary site's stack.",
    (written) => written,
    (value, key) => accessProblems(key, value),
  ),
  alarmSubscribers: withDefault(
    list<AlarmSubscriber>(
      "Who gets the alarms of the site's region: protocol and endpoint of each. Default: none, which only an isolated site may have.",
      (written) => ({ protocol: written, endpoint: "" }),
      (value, key) => subscriberProblems(key, value),
    ),
    [],
  ),
};

const tools = {
  clusterName: optional(anyText("EKS cluster of the site; must exist. Default: <namePrefix>-<site>.")),
  kubeContext: optional(
    anyText("Context of the site's cluster in the kubeconfig. Default: clusterName; with kubeconfig, its current one."),
  ),
  kubeconfig: optional(anyText("Kubeconfig of the site's cluster, as text; set it with --secret. Default: ambient.")),
  planFile: optional(anyText("Another plan, relative to the directory of Pulumi.yaml. Default: plan/continuity.yaml.")),
};

/** Every key, by its name without the project's. */
export const stackSettings = { ...places, ...names, ...parts, ...tools };

export type SettingName = keyof typeof stackSettings;

/** The configuration of one stack, as it is written: what follows from several keys is left to the readers. */
export type StackConfiguration = {
  [Name in SettingName]: (typeof stackSettings)[Name] extends Setting<infer Value> ? Value : never;
};

/** What is no object becomes one that breaks the rule. */
const replicasIn = (given: unknown): Record<number, number> =>
  typeof given === "object" && given !== null && !Array.isArray(given)
    ? (given as Record<number, number>)
    : { [Number.NaN]: Number.NaN };
