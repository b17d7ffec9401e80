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
  stackSettings,
  type Problem,
  type SettingName,
  type StackConfiguration,
} from "../../contract/index.ts";
import type { Settings } from "./settings.ts";

/** The kubeconfig is read separately, as a secret. */
const isPlain = (name: SettingName): name is Exclude<SettingName, "kubeconfig"> => name !== "kubeconfig";
const plain = (Object.keys(stackSettings) as SettingName[]).filter(isPlain);

/** Reads the stack's configuration; throws one error that lists every problem. */
export function readSettings(config: pulumi.Config): Settings {
  const { values, problems } = readConfiguration(plain, (name) => config.get(name));
  const unsubscribed = missingSubscribers(values);
  const found = [
    ...problems,
    ...contradictions(values),
    ...foundationProblems(values),
    ...(inFailover(values) ? [] : unsubscribed),
  ];
  const line = (one: Problem): string => describeProblem(inProject(one, config.name));
  if (found.length > 0) {
    const lines = found.map((one) => `  ${line(one)}`);
    throw new pulumi.RunError(
      `stack ${pulumi.getStack()}: ${found.length} problem(s) in its configuration\n${lines.join("\n")}`,
    );
  }
  for (const warning of unsubscribed) void pulumi.log.warn(line(warning));
  return { ...values, clusterName: clusterNameOf(values), kubeconfig: config.getSecret("kubeconfig") };
}

type Subscribed = Pick<StackConfiguration, "site" | "role" | "alarmSubscribers">;

/** The alternate site becomes active in an emergency; a setting that can be added later must not delay that. */
const inFailover = ({ site, role }: Subscribed): boolean => site === "alternate" && role === "active";

/** A failover depends on the alarms of a standby; those of an isolated site require nobody to act. */
function missingSubscribers({ role, alarmSubscribers }: Subscribed): Problem[] {
  if (role === "isolated" || alarmSubscribers.length > 0) return [];
  const rule = "must name at least one subscriber, or nobody is notified of this site's alarms";
  const remedy =
    "use e.g.: pulumi config set --path alarmSubscribers[0].protocol email, and .endpoint with the address";
  return [problem("alarmSubscribers", undefined, rule, remedy)];
}
