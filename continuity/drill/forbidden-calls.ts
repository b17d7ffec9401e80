import { replicatorAgent, type CallRecord } from "../../local/aws/index.ts";
import type { Observations } from "./observations.ts";

/** What the recovery called although it must not depend on it: the dead region, and any region that is not the alternate. */
export function forbiddenCalls(
  calls: readonly CallRecord[],
  window: { from: number; until: number },
  regions: { dead: string; alive: string },
): Omit<Observations["callsAfterCut"], "primaryCluster"> {
  // What stands for S3's own replication is AWS's business, not the recovery's.
  const late = calls.filter(
    ({ at, userAgent }) => at > window.from && at <= window.until && userAgent?.includes(replicatorAgent) !== true,
  );
  const named = (isMeant: (region: string) => boolean): string[] =>
    late.filter((call) => isMeant(call.region)).map((call) => `${call.service} ${call.operation}`);
  return {
    primaryRegion: named((region) => region === regions.dead),
    globalControlPlanes: named((region) => region !== regions.dead && region !== regions.alive),
  };
}
