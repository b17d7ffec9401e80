/** What a switch must know of the names of the service before it begins: who answers under each of them. */
import { otherSite, type SiteName } from "../../plan/names.ts";
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
 * is called. A name that does not answer is what a dead site looks like.
 */
export async function askNames(context: FailoverContext): Promise<NamesReport> {
  const { settings, resolve } = context;
  const { endpoint } = settings;
  const probe = (hostname: string): Promise<SiteProbe> => probeSite({ hostname, endpoint, resolve });
  const [own, other, known] = await Promise.all([
    probe(settings.siteHostname),
    probe(settings.otherHostname),
    probe(settings.publicHostname),
  ]);
  const report: NamesReport = { own, other, public: known, otherServes: false, blockers: [], warnings: [] };
  judgeOwnName(report, context);
  judgeOtherSite(report, context);
  judgeScheme(report, context);
  return report;
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
  if (report.otherServes) {
    const facts = serving.map((probe) => probe.facts).join("; ");
    const serves = `the ${other} site serves users: ${facts}`;
    if (forceUnplanned === true) report.warnings.push(`${serves}; the switch is forced by --force-unplanned`);
    else {
      const loss = "what it acknowledges after the recovery point would be lost, and there would be two writers";
      report.blockers.push(`${serves}; ${loss}; stop it first, or decide for it with --force-unplanned`);
    }
  } else if (report.other.answers) {
    report.warnings.push(`the ${other} site is not dead: ${report.other.facts}`);
  }
}

/** Under which of the two names the other site takes users; its own name stands for it also where the answer names no site. */
export const namesServedBy = (site: SiteName, { other, public: known }: Pick<NamesReport, "other" | "public">) =>
  [other, known].filter(
    (probe) => probe.serves && (probe.site === site || (probe === other && probe.site === undefined)),
  );
