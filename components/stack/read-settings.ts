/** Reads and checks `pulumi config` as a whole: all problems are reported at once, before anything is created. */
import * as pulumi from "@pulumi/pulumi";
import {
  clusterNameOf,
  contradictions,
  describeProblem,
  foundationProblems,
  inProject,
  problem,
  readConfiguration,
  sharedSettings,
  siteSettings,
  type Problem,
  type SharedConfiguration,
  type SiteConfiguration,
} from "../../contract/index.ts";
import type { Settings, SharedSettings, SiteSettings } from "./settings.ts";

/** The kubeconfig is read separately, as a secret. */
const plain = siteSettings.filter((name) => name !== "kubeconfig");

/** Reads the stack's configuration; throws one error that lists every problem. */
export function readSettings(config: pulumi.Config): Settings {
  return config.get("site") === "shared" ? readShared(config) : readSite(config);
}

function readShared(config: pulumi.Config): SharedSettings {
  const read = readConfiguration(sharedSettings, (name) => config.get(name));
  const values = read.values as SharedConfiguration;
  const rule = "must name at least one subscriber, or nobody is notified of an unreachable site";
  refuseAll(config, [...read.problems, ...contradictions(values), ...missingSubscribers(values, rule)]);
  return values;
}

function readSite(config: pulumi.Config): SiteSettings {
  const read = readConfiguration(plain, (name) => config.get(name));
  const values = read.values as Omit<SiteConfiguration, "kubeconfig">;
  const rule = "must name at least one subscriber, or nobody is notified of this site's alarms";
  // A failover depends on the alarms of a standby; those of an isolated site require nobody to act.
  const unsubscribed = values.role === "isolated" ? [] : missingSubscribers(values, rule);
  refuseAll(config, [
    ...read.problems,
    ...contradictions(values),
    ...foundationProblems(values),
    ...(inFailover(values) ? [] : unsubscribed),
  ]);
  for (const warning of unsubscribed) void pulumi.log.warn(describeProblem(inProject(warning, config.name)));
  return { ...values, clusterName: clusterNameOf(values), kubeconfig: config.getSecret("kubeconfig") };
}

function refuseAll(config: pulumi.Config, found: readonly Problem[]): void {
  if (found.length === 0) return;
  const lines = found.map((one) => `  ${describeProblem(inProject(one, config.name))}`);
  throw new pulumi.RunError(
    `stack ${pulumi.getStack()}: ${found.length} problem(s) in its configuration\n${lines.join("\n")}`,
  );
}

type Subscribed = Pick<SiteConfiguration, "site" | "role" | "alarmSubscribers">;

/** The alternate site becomes active in an emergency; a setting that can be added later must not delay that. */
const inFailover = ({ site, role }: Subscribed): boolean => site === "alternate" && role === "active";

function missingSubscribers({ alarmSubscribers }: Pick<Subscribed, "alarmSubscribers">, rule: string): Problem[] {
  if (alarmSubscribers.length > 0) return [];
  const remedy =
    "use e.g.: pulumi config set --path alarmSubscribers[0].protocol email, and .endpoint with the address";
  return [problem("alarmSubscribers", undefined, rule, remedy)];
}
