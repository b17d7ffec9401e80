import { replicatorAgent, type CallRecord } from "@vapora-continuity/local-cloud/aws";
import { writerGuardAgent } from "../../contract/index.ts";
import type { Observations } from "../report/observations.ts";

/**
 * Excluded calls: S3's own replication, and the writer guard of the new site, which reads the record in both regions
 * without anything waiting for it.
 */
const isNoPartOfIt = ({ userAgent = "", operation }: CallRecord): boolean =>
  userAgent.includes(replicatorAgent) || (userAgent.includes(writerGuardAgent) && operation === "GetObject");

/** Calls of the recovery that it must not depend on: to the lost region, or to any region other than the alternate. */
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
