/** Reads a stack's configuration by its definition, from any source of the keys' text. */
import { kubernetesNames } from "../kubernetes-names.ts";
import { platformLimits } from "../platform-limits.ts";
import { describeProblem, problem, type Problem } from "../problems.ts";
import { projectName } from "../project.ts";
import { regionOf } from "../topology.ts";
import type { Setting } from "./setting.ts";
import { stackSettings, type SettingName, type StackConfiguration } from "./settings.ts";

/**
 * The text of a key; undefined where it is not set. An empty text is a value, as a rule a wrong one: a variable that was
 * empty when the configuration was written must not turn into a default, such as HTTP for want of a certificate.
 */
export type TextOf = (name: SettingName) => string | undefined;

export interface ReadConfiguration<Name extends SettingName> {
  /** Includes invalid values, so that callers can report every problem at once. */
  readonly values: Pick<StackConfiguration, Name>;
  /** Problems of all keys that were read; empty if the values are valid. */
  readonly problems: readonly Problem[];
}

/** Reads the given keys and finds all problems; `where` is the key without the project's name. */
export function readConfiguration<Name extends SettingName>(
  wanted: readonly Name[],
  textOf: TextOf,
): ReadConfiguration<Name> {
  const problems: Problem[] = [];
  const entries = wanted.map((name) => {
    const setting: Setting<unknown> = stackSettings[name] as Setting<unknown>;
    const written = textOf(name);
    const absent = setting.absent ? setting.absent.value : unset(setting);
    const value = written === undefined ? absent : setting.read(written);
    problems.push(...setting.problems(value, name));
    return [name, value] as const;
  });
  return { values: Object.fromEntries(entries) as Pick<StackConfiguration, Name>, problems };
}

const unset = ({ kind }: Setting<unknown>): unknown => (kind === "text" ? "" : []);

/**
 * Reads one key.
 * @throws Error that describes the problem if the key is missing or invalid
 */
export function requireSetting<Name extends SettingName>(name: Name, textOf: TextOf): StackConfiguration[Name] {
  const { values, problems } = readConfiguration([name], textOf);
  if (problems.length === 0) return values[name];
  throw new Error(problems.map((found) => describeProblem(inProject(found))).join("; "));
}

/** Qualifies a problem's key with the project's name, as `pulumi config` shows it. */
export const inProject = (found: Problem, project: string = projectName): Problem => ({
  ...found,
  where: `${project}:${found.where}`,
});

/** Name of the site's EKS cluster: as configured, otherwise derived from prefix and site. */
export const clusterNameOf = ({
  clusterName,
  namePrefix,
  site,
}: Pick<StackConfiguration, "clusterName" | "namePrefix" | "site">): string => clusterName ?? `${namePrefix}-${site}`;

/** Storage class of the database's volume: as configured, otherwise a created cluster's own; undefined: the default one. */
export const storageClassOf = ({
  storageClassName,
  cluster,
}: Pick<StackConfiguration, "storageClassName" | "cluster">): string | undefined =>
  storageClassName ?? (cluster === "created" ? kubernetesNames.databaseStorageClass : undefined);

/**
 * Kubernetes context of the site's cluster; never kubectl's current context. Both sites use the same names, so one stack
 * could take over the other's namespace and stop its services. A kubeconfig in the configuration selects the cluster.
 */
export const kubeContextOf = (
  configuration: Pick<StackConfiguration, "clusterName" | "namePrefix" | "site" | "kubeContext">,
  hasKubeconfig: boolean,
): string | undefined => configuration.kubeContext ?? (hasKubeconfig ? undefined : clusterNameOf(configuration));

type Related = Pick<
  StackConfiguration,
  "namePrefix" | "site" | "primaryRegion" | "alternateRegion" | "publicHostname" | "certificateArn"
> &
  Partial<Pick<StackConfiguration, "hostedZoneName">>;

/** Contradictions between keys that are valid individually. */
export function contradictions(values: Related): Problem[] {
  const { primaryRegion, alternateRegion, publicHostname, hostedZoneName = "", certificateArn } = values;
  const problems: Problem[] = [];
  if (alternateRegion !== "" && alternateRegion === primaryRegion) {
    const rule = "must differ from primaryRegion, or the loss of one region takes down both sites";
    problems.push(problem("alternateRegion", alternateRegion, rule, "choose another region"));
  }
  // In the other stack only a fact: a rule that stops its failover would do more harm than a late alarm.
  const { metricsRegion } = platformLimits.route53;
  if (values.site !== "alternate" && primaryRegion === metricsRegion) {
    const rule = `must not be ${metricsRegion}: Route 53 publishes its metrics only there, so the alarms for an unreachable site would be lost with the site`;
    problems.push(
      problem("primaryRegion", primaryRegion, rule, `choose another region; ${metricsRegion} may be the alternate`),
    );
  }
  if (publicHostname !== "" && hostedZoneName !== "") {
    const inZone = `.${publicHostname}`.endsWith(`.${hostedZoneName}`);
    if (!inZone) {
      problems.push(problem("publicHostname", publicHostname, "must be in hostedZoneName", "correct one of the two"));
    } else if (publicHostname === hostedZoneName) {
      const rule = "must be a name below hostedZoneName, as Route 53 refuses a CNAME record for the zone itself";
      problems.push(problem("publicHostname", publicHostname, rule, "write e.g. api.example.com"));
    }
  }
  if (certificateArn !== undefined && !certificateRegions(values).includes(certificateRegion(certificateArn))) {
    const rule = `must be the ARN of an ACM certificate in ${values.site === "shared" ? "a" : "this"} site's region`;
    const remedy = "request the certificate in both regions and use the one in this region";
    problems.push(problem("certificateArn", certificateArn, rule, remedy));
  }
  return problems;
}

/** A site's load balancer needs the certificate; the shared stack reads from it only that users connect over TLS. */
const certificateRegions = (values: Related): (string | undefined)[] =>
  values.site === "shared" ? [values.primaryRegion, values.alternateRegion] : [regionOf(values, values.site)];

const certificateRegion = (arn: string): string | undefined =>
  /^arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate\/.+$/.exec(arn)?.[1];
