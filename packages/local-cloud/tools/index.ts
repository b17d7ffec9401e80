/** Gets everything that the local stack needs beyond Node and Python; nothing is fetched or built twice. */
import { ensureCluster } from "./cluster.ts";
import { ensurePulumi } from "./pulumi.ts";
import { ensurePython } from "./python.ts";
import type { Progress, Tools } from "./types.ts";

export { cacheRoot, cached, contentHash } from "./cache.ts";
export type { Recipe } from "./cache.ts";
export { ensureCluster } from "./cluster.ts";
export { ensurePulumi } from "./pulumi.ts";
export type { Pulumi } from "./pulumi.ts";
export { ensurePython } from "./python.ts";
export type { Progress, Tools } from "./types.ts";

/** All tools, ready to use. The first time on a machine this takes minutes, afterwards no noticeable time. */
export async function ensureTools(progress: Progress): Promise<Tools> {
  const [{ pulumi, binDir }, cluster, python] = await settled([
    ensurePulumi(progress),
    ensureCluster(progress),
    ensurePython(progress),
  ] as const);
  return { pulumi, binDir, cluster, python };
}

/** Like Promise.all, but lets the others finish first: what they make is kept, and all problems come at once. */
async function settled<T extends readonly Promise<unknown>[]>(
  all: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(all);
  const problems = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n\n"), { cause: problems });
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never;
}
