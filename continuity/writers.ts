/**
 * Determines which site writes: by configuration, by the sites' responses, and by the writer records. All three must
 * agree.
 */
import { S3Client } from "@aws-sdk/client-s3";
import { newestRecord, objectsIn, readWriter, type Writer } from "../jobs/index.ts";
import {
  recoveryPointBucket,
  regionOf,
  type Role,
  type SiteEndpoint,
  type SiteName,
  type TrafficProbe,
} from "../contract/index.ts";
import { messageOf } from "./cannot-run.ts";
import type { AwsAccess } from "./failover/index.ts";
import type { Resolve } from "./site-http.ts";
import { probeHeaders } from "./probe-credential.ts";
import { probeSite, type SiteProbe } from "./site-probe.ts";
import type { StackSettings } from "./stacks.ts";

export interface SiteView {
  stack: string;
  site: SiteName;
  role: Role;
  endpoint: SiteEndpoint;
  /** Probe of the site's own name; undefined: not probed. */
  probe: SiteProbe | undefined;
  /** Why the name could not be probed. */
  probeProblem?: string | undefined;
  /** Writer record in the site's own region; undefined: missing or unreadable. */
  record: Writer | undefined;
  /** Why the record could not be read. */
  recordProblem: string | undefined;
}

const bucketSeconds = 10;

/** Queries one site: bucket and name concurrently, each with a time limit. */
export async function viewSite(options: {
  stack: string;
  settings: StackSettings;
  /** How to probe the site's own name. Omit: not probed. */
  probe: TrafficProbe | undefined;
  aws?: AwsAccess | undefined;
  resolve?: Resolve | undefined;
}): Promise<SiteView> {
  const { stack, settings, resolve } = options;
  const { topology, site, role, endpoint, siteHostname: hostname } = settings;
  const s3 = new S3Client({ region: regionOf(topology, site), maxAttempts: 2, ...options.aws });
  const objects = objectsIn(s3, recoveryPointBucket(topology, site), bucketSeconds);
  const probeOwnName = async (probe: TrafficProbe): Promise<Pick<SiteView, "probe" | "probeProblem">> => {
    try {
      const headers = await probeHeaders(probe, settings, options.aws);
      return { probe: await probeSite({ hostname, endpoint, probe, headers, resolve }) };
    } catch (error) {
      return { probe: undefined, probeProblem: messageOf(error) };
    }
  };
  try {
    const [record, probed] = await Promise.all([
      readWriter(objects).then(
        (seen) => ({ record: seen?.writer, recordProblem: undefined }),
        (error: unknown) => ({ record: undefined, recordProblem: `${objects.bucket}: ${messageOf(error)}` }),
      ),
      options.probe ? probeOwnName(options.probe) : { probe: undefined },
    ]);
    return { stack, site, role, endpoint, ...probed, ...record };
  } finally {
    s3.destroy();
  }
}

/**
 * Problems by stack. A single stack is checked against its own record only: the other site may be the writer, or lost.
 */
export function writerProblems(views: readonly SiteView[]): Map<string, string[]> {
  const newest = newestRecord(views.map(({ record }) => record));
  const both = new Set(views.map(({ site }) => site)).size === 2;
  return new Map(
    views.map((view) => {
      const others = views.filter(({ site }) => site !== view.site);
      return [view.stack, [...recordProblems(view, newest, others), ...(both ? pairProblems(view, others) : [])]];
    }),
  );
}

function recordProblems(view: SiteView, newest: Writer | undefined, others: readonly SiteView[]): string[] {
  const problems: string[] = [];
  const { record, recordProblem, role, site } = view;
  if (recordProblem !== undefined) problems.push(`cannot read the writer record: ${recordProblem}`);
  if (view.probeProblem !== undefined) problems.push(view.probeProblem);
  const rival = others.find((other) => other.record?.epoch === record?.epoch && other.record?.site !== record?.site);
  if (record && rival) {
    problems.push(`the records of both regions name two writers in epoch ${record.epoch}`);
  } else if (newest && (newest.site === site) !== (role === "active")) {
    const { epoch, since } = newest;
    const named = newest.site === site ? "this site" : `the ${newest.site} site`;
    problems.push(`role is ${role}, but the newest writer record names ${named} (epoch ${epoch}, since ${since})`);
  } else if (!newest && recordProblem === undefined && role === "active" && site === "alternate") {
    // The primary writes initially without a record; the alternate site only after a promotion, which writes one.
    problems.push("role is active, but no writer record names this site: its database was not promoted");
  }
  return problems;
}

function pairProblems(view: SiteView, others: readonly SiteView[]): string[] {
  const { role, endpoint, probe } = view;
  const all = [view, ...others];
  const active = others.filter((other) => other.role === "active").map(({ stack }) => stack);
  const serving = others.filter((other) => other.probe?.serves).map(({ stack }) => stack);
  const problems: string[] = [];
  if (role === "active" && active.length > 0) problems.push(`role is active, as is the role of ${active}: two writers`);
  if (all.every((one) => one.role !== "active"))
    problems.push(`role is ${role}, and no other stack's is active: no writer`);
  if (probe?.serves && serving.length > 0) problems.push(`serves users, as does ${serving}: two writers`);
  if (probe?.serves && role !== "active") problems.push(`serves users although its role is ${role}: ${probe.facts}`);
  if (role === "active" && probe && all.every((one) => !one.probe?.serves)) {
    problems.push(`no site serves users: ${probe.facts}`);
  }
  const differing = others.find((other) => other.endpoint.scheme !== endpoint.scheme);
  if (differing) {
    const [ours, theirs] = [endpoint.scheme, differing.endpoint.scheme];
    problems.push(
      `users connect over ${ours} here but over ${theirs} at ${differing.stack}: set certificateArn in every stack or in none`,
    );
  }
  return problems;
}
