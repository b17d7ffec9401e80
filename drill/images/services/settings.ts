/** A service's settings from its environment; all problems are reported at once. */
import { defaultProbes, type Role, type SiteName, type TrafficProbe } from "../../../contract/index.ts";

export interface Probes {
  alive: string;
  ready: string;
  traffic: TrafficProbe;
}

export interface Settings {
  service: string;
  /** Program that runs for it. @default the one of that name */
  standsFor: string;
  /** Whether the service that takes traffic signs users' tokens itself. @default false: the service authentication does */
  signsIn: boolean;
  /** Paths of the probes. @default those of a plan that describes none */
  probes: Probes;
  tier: number;
  site: SiteName;
  role: Role;
  port: number;
  region: string;
  databaseUrl: string;
  databaseNamespace: string;
  databaseUsername: string;
  databasePassword: string;
  /** Secrets Manager secret with the keys of the database accesses; set for tier 1 only. */
  accessKeysSecretId: string | undefined;
  /** AWS endpoint. @default the region's own endpoint */
  awsEndpoint: string;
  awsAccessKeyId: string;
  awsSecretAccessKey: string;
  /** Base URL of another service in the cluster's DNS. */
  serviceUrl: (service: string) => string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const needed = [
  "SERVICE",
  "SERVICE_TIER",
  "SITE",
  "SITE_ROLE",
  "PORT",
  "AWS_REGION",
  "DATABASE_URL",
  "DATABASE_NAMESPACE",
  "DATABASE_USERNAME",
  "DATABASE_PASSWORD",
] as const;

const allowed: Record<string, readonly string[]> = {
  SITE: ["primary", "alternate"],
  SITE_ROLE: ["active", "standby", "isolated"],
};

export class SettingsError extends Error {}

function findProblems(env: Environment): string[] {
  const missing = needed
    .filter((name) => !env[name])
    .map((name) => `${name} is missing; set it in the container's env`);
  const wrong = Object.entries(allowed)
    .filter(([name, values]) => env[name] && !values.includes(env[name]))
    .map(([name, values]) => `${name} is ${env[name]}; it must be one of ${values.join(", ")}`);
  const numbers = ["PORT", "SERVICE_TIER"]
    .filter((name) => env[name] && !/^\d{1,5}$/.test(env[name]))
    .map((name) => `${name} is ${env[name]}; it must be an integer`);
  return [...missing, ...wrong, ...numbers];
}

/** Parses the settings. Throws a SettingsError with all problems. */
export function readSettings(env: Environment): Settings {
  const problems = findProblems(env);
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  const text = (name: string): string => env[name] ?? "";
  const region = text("AWS_REGION");
  const others = env["SERVICE_URLS"] ? (JSON.parse(env["SERVICE_URLS"]) as Record<string, string>) : {};
  return {
    service: text("SERVICE"),
    standsFor: text("STANDS_FOR") || text("SERVICE"),
    signsIn: text("SIGN_IN") === "self",
    probes: env["PROBES"] ? (JSON.parse(env["PROBES"]) as Probes) : defaultProbes,
    tier: Number(text("SERVICE_TIER")),
    site: text("SITE") as SiteName,
    role: text("SITE_ROLE") as Role,
    port: Number(text("PORT")),
    region,
    databaseUrl: text("DATABASE_URL"),
    databaseNamespace: text("DATABASE_NAMESPACE"),
    databaseUsername: text("DATABASE_USERNAME"),
    databasePassword: text("DATABASE_PASSWORD"),
    accessKeysSecretId: env["ACCESS_KEYS_SECRET_ID"] || undefined,
    awsEndpoint: env["AWS_ENDPOINT_URL"] || `https://secretsmanager.${region}.amazonaws.com`,
    awsAccessKeyId: text("AWS_ACCESS_KEY_ID"),
    awsSecretAccessKey: text("AWS_SECRET_ACCESS_KEY"),
    serviceUrl: (service) => others[service] ?? `http://${service}`,
  };
}
