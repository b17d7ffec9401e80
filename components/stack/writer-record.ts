/**
 * Refuses a role that contradicts the writer record. The role is a line in a file that a failover changed on one
 * machine: an update from an older copy would take the serving site out of service.
 */
import { getObject } from "@pulumi/aws/s3/getObject.js";
import type { Provider as AwsProvider } from "@pulumi/aws/provider.js";
import * as pulumi from "@pulumi/pulumi";
import {
  bucketKeys,
  describeProblem,
  inProject,
  otherSite,
  problem,
  recoveryPointBucket,
  regionOf,
  roleOverrideVariable,
  type Problem,
  type Role,
  type SiteName,
  type Topology,
} from "../../contract/index.ts";
import type { SiteSettings } from "./settings.ts";

export interface WriterRecord {
  site: SiteName;
  epoch: number;
  since: string;
}

/** Why the site may not have this role; undefined: it may. */
export function contradiction(site: SiteName, role: Role, record: WriterRecord | undefined): Problem | undefined {
  if (record === undefined || (record.site === site) === (role === "active")) return undefined;
  const named = `the ${record.site} site as the writer (epoch ${record.epoch}, since ${record.since})`;
  const rule = `must agree with the writer record, which names ${named}`;
  const right = record.site === site ? "active, the role since the failover" : "isolated, or standby";
  const remedy = `set it to ${right}, and commit that; for a change that is meant, set ${roleOverrideVariable}=1 for one update`;
  return problem("role", role, rule, remedy);
}

/** The record's text; undefined: there is none, or it cannot be read. */
export type ReadRecord = (site: SiteName) => Promise<string | undefined>;

/** Throws if the role of an existing stack contradicts the newest record; asks the other region only in case of doubt. */
export async function roleAgrees(
  { site, role, roleBefore }: Pick<SiteSettings, "site" | "role" | "roleBefore">,
  read: ReadRecord,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  // A new stack has no record yet. Making a site active is what a failover does, before the promotion writes the record.
  const failover = role === "active" && roleBefore !== "active";
  if (roleBefore === undefined || failover || env[roleOverrideVariable] === "1") return;
  const own = parse(await read(site));
  if (contradiction(site, role, own) === undefined) return;
  // The own region's record is old where its region was lost: the other one may name another writer in a newer epoch.
  const newest = newer(own, parse(await read(otherSite(site))));
  const found = contradiction(site, role, newest);
  if (found === undefined) return;
  throw new pulumi.RunError(`stack ${pulumi.getStack()}: ${describeProblem(inProject(found))}`);
}

const newer = (one: WriterRecord | undefined, other: WriterRecord | undefined): WriterRecord | undefined =>
  other !== undefined && (one === undefined || other.epoch > one.epoch) ? other : one;

/** A record that is no record says nothing about the role; the jobs and `continuity status` report it. */
function parse(text: string | undefined): WriterRecord | undefined {
  if (text === undefined) return undefined;
  try {
    const { site, epoch, since } = JSON.parse(text) as Partial<WriterRecord>;
    const valid = (site === "primary" || site === "alternate") && Number.isInteger(epoch);
    return valid ? { site, epoch: epoch as number, since: String(since) } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads through the site's own AWS provider, so with its account and credentials. */
export const readThrough =
  (topology: Topology, provider: AwsProvider): ReadRecord =>
  async (site) => {
    const [bucket, region] = [recoveryPointBucket(topology, site), regionOf(topology, site)];
    try {
      return (await getObject({ bucket, key: bucketKeys.writer, region }, { provider })).body;
    } catch (error) {
      // No record before the first promotion, or a region that does not answer: neither may stop an update.
      void pulumi.log.debug(`no writer record in ${bucket}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
