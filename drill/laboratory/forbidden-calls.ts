import { replicatorAgent, type CallRecord } from "@vapora-continuity/local-cloud/aws";
import { writerGuardAgent } from "../../contract/index.ts";
import type { Observations } from "../report/observations.ts";

/**
 * What stands for S3's own replication is AWS's business, not the recovery's. The writer guard of the new site reads
 * the record in both regions as long as it lives, and nothing waits for it: only its reads are left out.
 */
const isNoPartOfIt = ({ userAgent = "", operation }: CallRecord): boolean =>
  userAgent.includes(replicatorAgent) || (userAgent.includes(writerGuardAgent) && operation === "GetObject");

/** What the recovery called although it must not depend on it: the dead region, and any region that is not the alternate. */
export function forbiddenCalls(
  calls: readonly CallRecord[],
  window: { from: number; until: number },
  regions: { dead: string; alive: string },
): Omit<Observations["callsAfterCut"], "primaryCluster"> {
  const late = calls.filter((call) => call.at > window.from && call.at <= window.until && !isNoPartOfIt(call));
  const named = (isMeant: (region: string) => boolean): string[] =>
    late.filter((call) => isMeant(call.region)).map((call) => `${call.service} ${call.operation}`);
  return {
    primaryRegion: named((region) => region === regions.dead),
    globalControlPlanes: named((region) => region !== regions.dead && region !== regions.alive),
  };
}
