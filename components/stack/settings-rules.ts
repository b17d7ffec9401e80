/** The rules of the stack's configuration. What a component checks for itself is not repeated here. */
import { accessProblems } from "../shared/access-keys/index.ts";
import { subscriberProblems } from "../kit/alarms/index.ts";
import { problem, type Problem } from "../kit/problems.ts";
import type { Settings } from "./settings.ts";

interface Rule {
  key: keyof Settings;
  holds: (settings: Settings) => boolean;
  rule: string;
  remedy: string;
}

const oneOf =
  (key: keyof Settings, ...allowed: string[]) =>
  (settings: Settings): boolean =>
    allowed.includes(settings[key] as string);

const matches =
  (key: keyof Settings, pattern: RegExp) =>
  (settings: Settings): boolean =>
    pattern.test(settings[key] as string);

const region = /^[a-z]{2}(-[a-z]+)+-\d$/;
const hostname = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/;

const hostnameRule = (key: keyof Settings, example: string): Rule => ({
  key,
  holds: matches(key, hostname),
  rule: "must be a lower-case DNS name",
  remedy: `write e.g. ${example}`,
});

const regionRule = (key: keyof Settings, example: string): Rule => ({
  key,
  holds: matches(key, region),
  rule: "must be an AWS region",
  remedy: `write e.g. ${example}`,
});

const rules: readonly Rule[] = [
  {
    key: "site",
    holds: oneOf("site", "primary", "alternate"),
    rule: "must be primary or alternate",
    remedy: "name the site that this stack owns",
  },
  {
    key: "role",
    holds: oneOf("role", "active", "standby", "isolated"),
    rule: "must be active, standby or isolated",
    remedy: "say what the site does now",
  },
  {
    key: "namePrefix",
    holds: matches("namePrefix", /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/),
    rule: "must be 3 to 24 lower-case letters, digits and hyphens, beginning with a letter",
    remedy: "shorten or correct it; both stacks need the same",
  },
  {
    key: "namespace",
    holds: matches("namespace", /^(?=.{1,50}$)[a-z]([a-z0-9-]*[a-z0-9])?$/),
    rule: "must be a name of a Kubernetes namespace: up to 50 lower-case letters, digits and hyphens",
    remedy: "correct it; both stacks need the same",
  },
  {
    key: "databaseNamespace",
    holds: matches("databaseNamespace", /^[A-Za-z_][A-Za-z0-9_]{0,62}$/),
    rule: "must be a name as DEFINE NAMESPACE takes it: letters, digits and underscores",
    remedy: "correct it; both stacks need the same",
  },
  {
    key: "imageRegistry",
    holds: matches("imageRegistry", /^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$/),
    rule: "must be a registry with its folder, without https:// and without a slash at its end",
    remedy: "write e.g. registry.example.com/shop",
  },
  regionRule("primaryRegion", "eu-west-1"),
  regionRule("alternateRegion", "eu-central-1"),
  {
    key: "alternateRegion",
    holds: ({ primaryRegion, alternateRegion }) => alternateRegion === "" || alternateRegion !== primaryRegion,
    rule: "must differ from primaryRegion, or one region's loss takes both sites",
    remedy: "choose another region",
  },
  {
    key: "accountId",
    holds: matches("accountId", /^\d{12}$/),
    rule: "must be an AWS account id of 12 digits",
    remedy: "write it in quotes, so that YAML keeps leading zeros",
  },
  hostnameRule("publicHostname", "api.example.com"),
  hostnameRule("primaryHostname", "primary.api.example.com"),
  hostnameRule("alternateHostname", "alternate.api.example.com"),
  hostnameRule("hostedZoneName", "example.com"),
  {
    key: "publicHostname",
    holds: ({ publicHostname, hostedZoneName }) =>
      publicHostname === "" || hostedZoneName === "" || `.${publicHostname}`.endsWith(`.${hostedZoneName}`),
    rule: "must lie in hostedZoneName",
    remedy: "correct the name or the zone",
  },
  {
    key: "publicHostname",
    holds: ({ publicHostname, hostedZoneName }) => publicHostname === "" || publicHostname !== hostedZoneName,
    rule: "must be a name below hostedZoneName, as Route 53 refuses a CNAME record for the zone itself",
    remedy: "write e.g. api.example.com",
  },
  {
    key: "certificateArn",
    holds: (settings) => settings.certificateArn === undefined || certificateRegion(settings) === siteRegion(settings),
    rule: "must be the ARN of an ACM certificate in this site's own region",
    remedy: "request the certificate in both regions and name this one's",
  },
  {
    key: "tierReplicas",
    holds: ({ tierReplicas }) => tierReplicas === undefined || Object.values(tierReplicas).every(isReplicas),
    rule: 'must be an object of tiers and pods, each 1 or more, such as {"1": 2}',
    remedy: "use: pulumi config set --path tierReplicas.1 2",
  },
];

const certificateRegion = ({ certificateArn = "" }: Settings): string | undefined =>
  /^arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate\/.+$/.exec(certificateArn)?.[1];

const siteRegion = ({ site, primaryRegion, alternateRegion }: Settings): string =>
  site === "primary" ? primaryRegion : alternateRegion;

const isReplicas = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;

/** Every rule that the settings break; a missing value is told once. */
export function findProblems(settings: Settings): Problem[] {
  const broken = rules.filter(({ holds }) => !holds(settings));
  return [
    ...broken.map(({ key, rule, remedy }) =>
      problem(key, settings[key] === "" ? undefined : settings[key], rule, remedy),
    ),
    ...accessProblems("accessNames", settings.accessNames),
    ...subscriberProblems("alarmSubscribers", settings.alarmSubscribers),
    ...(inFailover(settings) ? [] : missingSubscribers(settings)),
  ];
}

/** What would be a problem at any other time. */
export const findWarnings = (settings: Settings): Problem[] =>
  inFailover(settings) ? missingSubscribers(settings) : [];

/** The alternate site becomes active in an emergency, and nothing that can be made up for later may hold it up. */
const inFailover = ({ site, role }: Settings): boolean => site === "alternate" && role === "active";

/** A standby's alarms are those that a failover depends on; those of an isolated site ask nobody to act. */
function missingSubscribers({ role, alarmSubscribers }: Settings): Problem[] {
  if (role === "isolated" || alarmSubscribers.length > 0) return [];
  const rule = "must name at least one subscriber, or every alarm of this site goes unheard";
  const remedy =
    "use e.g.: pulumi config set --path alarmSubscribers[0].protocol email, and .endpoint with the address";
  return [problem("alarmSubscribers", undefined, rule, remedy)];
}
