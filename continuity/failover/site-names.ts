/** What a switch must know of the names of the service before it begins: who answers under each of them. */
import { otherSite, type SiteEndpoint, type SiteName } from "../../contract/index.ts";
import { probeSite, type SiteProbe } from "../site-probe.ts";
import type { FailoverContext } from "./context.ts";

export interface NamesReport {
  /** Under the name of the site that takes over. */
  own: SiteProbe;
  /** Under the other site's name. */
  other: SiteProbe;
  /** Under the name that users know. */
  public: SiteProbe;
  /** The other site takes users, under its own name or the public one. */
  otherServes: boolean;
  blockers: string[];
  warnings: string[];
}

/**
 * Asks all three names at once, each for a few seconds; only HTTP, so that nothing of the lost region's AWS or cluster
 * is called. A name under which nobody accepts a connection is what a dead site looks like.
 */
export async function askNames(context: FailoverContext): Promise<NamesReport> {
  const { endpoint, siteHostname: hostname } = context.settings;
  const { resolve, probing } = context;
  const asked = [probeSite({ hostname, endpoint, resolve, ...probing }), askOtherSite(context)] as const;
  const [own, names] = await Promise.all(asked);
  const report: NamesReport = { own, ...names, otherServes: false, blockers: [], warnings: [] };
  judgeOwnName(report, context);
  judgeOtherSite(report, context);
  judgePublicName(report);
  judgeScheme(report, context);
  return report;
}

/** The two names under which the other site may take users, each in the way in which that site answers. */
export async function askOtherSite(
  { settings, otherStack, resolve, probing }: FailoverContext,
  timeoutSeconds: number | undefined = probing?.timeoutSeconds,
): Promise<Pick<NamesReport, "other" | "public">> {
  const ours = settings.endpoint;
  const theirs = otherStack?.endpoint ?? ours;
  const ask = (hostname: string, endpoint: SiteEndpoint) =>
    probeSite({ hostname, endpoint, resolve, ...probing, timeoutSeconds });
  // It leads to one of the two sites; an address of --resolve has a scheme of its own.
  const same = theirs.scheme === ours.scheme || resolve?.[settings.publicHostname] !== undefined;
  const [other, ...known] = await Promise.all([
    ask(settings.otherHostname, theirs),
    ask(settings.publicHostname, theirs),
    ...(same ? [] : [ask(settings.publicHostname, ours)]),
  ]);
  return { other, public: mostTelling(known, otherSite(settings.site)) };
}

/** Of what answers under one name, what says most about the other site. */
function mostTelling(probes: readonly SiteProbe[], other: SiteName): SiteProbe {
  const weight = ({ serves, site, unclear, answers }: SiteProbe): number =>
    [serves && site === other, serves, unclear, answers, true].indexOf(true);
  const [first] = probes.toSorted((a, b) => weight(a) - weight(b));
  if (!first) throw new Error("no name was asked");
  return first;
}

/** The site check of the switch goes through this name, so a name that nobody reaches would stop it half-way. */
function judgeOwnName({ own, blockers, warnings }: NamesReport, { settings }: FailoverContext): void {
  const { site, role, endpoint } = settings;
  const problem = !own.answers ? own.facts : own.site === otherSite(site) ? `${own.facts}: the name leads there` : "";
  if (problem === "") return;
  const text =
    `the ${site} site's own name cannot be used over ${endpoint.scheme} on port ${endpoint.port}: ${problem}; ` +
    `correct its record or its load balancer, or name the address with --resolve where only this machine cannot find it`;
  // Pods may be between two roles where a switch goes on that was interrupted; its own site check waits for them.
  (role === "active" ? warnings : blockers).push(text);
}

/** Users come to the public name in one way, whichever site it leads to. */
function judgeScheme({ warnings }: NamesReport, { settings, otherStack }: FailoverContext): void {
  if (otherStack === undefined || otherStack.endpoint.scheme === settings.endpoint.scheme) return;
  const [theirs, ours] = [otherStack.endpoint.scheme, settings.endpoint.scheme];
  warnings.push(
    `stack ${otherStack.name} serves users over ${theirs}, this one over ${ours}: set certificateArn in both stacks, or in neither`,
  );
}

function judgeOtherSite(report: NamesReport, { settings, forceUnplanned }: FailoverContext): void {
  const other = otherSite(settings.site);
  const serving = namesServedBy(other, report);
  report.otherServes = serving.length > 0;
  const decide = (facts: string, forbidden: string): void => {
    if (forceUnplanned === true) report.warnings.push(`${facts}; the switch is forced by --force-unplanned`);
    else report.blockers.push(`${facts}; ${forbidden}`);
  };
  if (report.otherServes) {
    const loss = "what it acknowledges after the recovery point would be lost, and there would be two writers";
    const remedy = "stop it first, or decide for it with --force-unplanned";
    decide(`the ${other} site serves users: ${factsOf(serving)}`, `${loss}; ${remedy}`);
  } else if (report.other.unclear) {
    const danger = "if it does, there would be two writers";
    const way =
      "look at it, or add --force-unplanned: right where only a load balancer or a page of maintenance is left";
    decide(`whether the ${other} site serves users cannot be judged: ${report.other.facts}`, `${danger}; ${way}`);
  } else if (report.other.site !== undefined) {
    report.warnings.push(`the ${other} site is not dead: ${report.other.facts}`);
  } else if (report.other.answers) {
    report.warnings.push(`the ${other} site does not serve, but its load balancer lives: ${report.other.facts}`);
  }
}

const factsOf = (probes: readonly SiteProbe[]): string => probes.map(({ facts }) => facts).join("; ");

/** Much may stand in front of the name that users know; only a site that serves behind it forbids a switch. */
function judgePublicName({ public: known, warnings }: NamesReport): void {
  if (known.unclear) warnings.push(`where the public name leads cannot be judged: ${known.facts}`);
}

/** Under which of the two names the other site takes users; its own name stands for it also where the answer names no site. */
export const namesServedBy = (site: SiteName, { other, public: known }: Pick<NamesReport, "other" | "public">) =>
  [other, known].filter(
    (probe) => probe.serves && (probe.site === site || (probe === other && probe.site === undefined)),
  );
