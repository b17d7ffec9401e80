/** Probes the service's host names before a failover. */
import {
  otherSite,
  trafficProbeOf,
  type SiteEndpoint,
  type SiteName,
  type TrafficProbe,
} from "../../contract/index.ts";
import { messageOf } from "../cannot-run.ts";
import { certificateProblems } from "../certificate.ts";
import { probeHeaders, type ProbeHeaders } from "../probe-credential.ts";
import { probeSite, type SiteProbe } from "../site-probe.ts";
import type { FailoverContext } from "./context.ts";

export interface NamesReport {
  /** Name of the site that takes over. */
  own: SiteProbe;
  /** Name of the other site. */
  other: SiteProbe;
  /** Public name. */
  public: SiteProbe;
  /** The other site serves users, under its own name or the public one. */
  otherServes: boolean;
  /** Headers of every probe in this failover. */
  headers: ProbeHeaders;
  blockers: string[];
  warnings: string[];
}

/**
 * Probes all three names concurrently, each for a few seconds and only over HTTP, so that nothing of the lost region's
 * AWS or cluster is called. A dead site accepts no connections.
 */
export async function askNames(context: FailoverContext): Promise<NamesReport> {
  const { endpoint, siteHostname: hostname, publicHostname } = context.settings;
  const { resolve, probing } = context;
  const probe = trafficProbeOf(context.plan);
  const { headers, problem } = await headersOf(context, probe);
  const asked = [
    probeSite({ hostname, endpoint, probe, headers, resolve, ...probing }),
    askOtherSite(context, headers),
    certificateProblems({ siteHostname: hostname, publicHostname, endpoint, resolve }),
  ] as const;
  const [own, names, warnings] = await Promise.all(asked);
  const report: NamesReport = { own, ...names, otherServes: false, headers, blockers: [], warnings };
  if (problem !== undefined) report.blockers.push(`${problem}; without it no check can show which site serves`);
  judgeOwnName(report, context);
  judgeOtherSite(report, context);
  judgePublicName(report);
  judgeScheme(report, context);
  return report;
}

async function headersOf({ settings, aws }: FailoverContext, probe: TrafficProbe) {
  try {
    return { headers: await probeHeaders(probe, settings, aws), problem: undefined };
  } catch (error) {
    return { headers: {}, problem: messageOf(error) };
  }
}

/** Probes the two names under which the other site may serve users. */
export async function askOtherSite(
  { plan, settings, otherStack, resolve, probing }: FailoverContext,
  headers: ProbeHeaders,
  timeoutSeconds: number | undefined = probing?.timeoutSeconds,
): Promise<Pick<NamesReport, "other" | "public">> {
  const request = { probe: trafficProbeOf(plan), headers };
  const ours = settings.endpoint;
  const theirs = otherStack?.endpoint ?? ours;
  const probe = (hostname: string, endpoint: SiteEndpoint) =>
    probeSite({ hostname, endpoint, resolve, ...request, ...probing, timeoutSeconds });
  // It resolves to one of the two sites; an address given by --resolve includes the scheme.
  const same = theirs.scheme === ours.scheme || resolve?.[settings.publicHostname] !== undefined;
  const [other, ...known] = await Promise.all([
    probe(settings.otherHostname, theirs),
    probe(settings.publicHostname, theirs),
    ...(same ? [] : [probe(settings.publicHostname, ours)]),
  ]);
  return { other, public: mostTelling(known, otherSite(settings.site)) };
}

/** Of several probes of one name, the one that says most about the other site. */
function mostTelling(probes: readonly SiteProbe[], other: SiteName): SiteProbe {
  const weight = ({ serves, site, unclear, answers }: SiteProbe): number =>
    [serves && site === other, serves, unclear, answers, true].indexOf(true);
  const [first] = probes.toSorted((a, b) => weight(a) - weight(b));
  if (!first) throw new Error("no name was probed");
  return first;
}

/** The failover's site check uses this name, so an unreachable name would stop it halfway. */
function judgeOwnName({ own, blockers, warnings }: NamesReport, { settings }: FailoverContext): void {
  const { site, role, endpoint } = settings;
  const problem = !own.answers
    ? own.facts
    : own.site === otherSite(site)
      ? `${own.facts}: the name points to the wrong site`
      : "";
  if (problem === "") return;
  const text =
    `the ${site} site's own name is unusable over ${endpoint.scheme} on port ${endpoint.port}: ${problem}; ` +
    `correct its DNS record or load balancer, or use --resolve if only this machine cannot resolve it`;
  // When continuing an interrupted failover, pods may be between two roles; the site check waits for them.
  (role === "active" ? warnings : blockers).push(text);
}

/** Users connect to the public name in one way, whichever site it resolves to. */
function judgeScheme({ warnings }: NamesReport, { settings, otherStack }: FailoverContext): void {
  if (otherStack === undefined || otherStack.endpoint.scheme === settings.endpoint.scheme) return;
  const [theirs, ours] = [otherStack.endpoint.scheme, settings.endpoint.scheme];
  warnings.push(
    `stack ${otherStack.name} serves users over ${theirs}, this one over ${ours}: set certificateArn in every stack or in none`,
  );
}

function judgeOtherSite(report: NamesReport, { settings, forceUnplanned }: FailoverContext): void {
  const other = otherSite(settings.site);
  const serving = namesServedBy(other, report);
  report.otherServes = serving.length > 0;
  const decide = (facts: string, forbidden: string): void => {
    if (forceUnplanned === true) report.warnings.push(`${facts}; continuing because of --force-unplanned`);
    else report.blockers.push(`${facts}; ${forbidden}`);
  };
  if (report.otherServes) {
    const loss = "its writes after the recovery point would be lost, and there would be two writers";
    const remedy = "stop it first, or add --force-unplanned";
    decide(`the ${other} site serves users: ${factsOf(serving)}`, `${loss}; ${remedy}`);
  } else if (report.other.unclear) {
    const danger = "if it does, there would be two writers";
    const way = "check it, or add --force-unplanned if only a load balancer or maintenance page is left";
    decide(`it is unclear whether the ${other} site serves users: ${report.other.facts}`, `${danger}; ${way}`);
  } else if (report.other.site !== undefined) {
    report.warnings.push(`the ${other} site is partly up: ${report.other.facts}`);
  } else if (report.other.answers) {
    report.warnings.push(`the ${other} site does not serve, but its load balancer is up: ${report.other.facts}`);
  }
}

const factsOf = (probes: readonly SiteProbe[]): string => probes.map(({ facts }) => facts).join("; ");

/** The public name may be behind other systems; only a serving site behind it blocks a failover. */
function judgePublicName({ public: known, warnings }: NamesReport): void {
  if (known.unclear) warnings.push(`it is unclear which site the public name points to: ${known.facts}`);
}

/** The name under which the other site serves users; its own name also counts if the response names no site. */
export const namesServedBy = (site: SiteName, { other, public: known }: Pick<NamesReport, "other" | "public">) =>
  [other, known].filter(
    (probe) => probe.serves && (probe.site === site || (probe === other && probe.site === undefined)),
  );
