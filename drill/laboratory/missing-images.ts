/** Finds pods whose image does not exist: without this, a deployment waits for minutes until its deadline. */
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { CannotRun } from "../../continuity/cannot-run.ts";
import type { KubernetesApi } from "../../continuity/kubernetes.ts";

const container = z.object({
  image: z.string().optional(),
  state: z.object({ waiting: z.object({ reason: z.string().optional() }).optional() }).optional(),
});
const pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z
        .object({
          containerStatuses: z.array(container).optional(),
          initContainerStatuses: z.array(container).optional(),
        })
        .optional(),
    }),
  ),
});

/** Reasons for which a container waits that no time mends. */
const reasons = new Set(["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"]);

/** Images that pods wait for, each with the names of its pods. */
export function missingImages(answer: unknown): Map<string, string[]> {
  const missing = new Map<string, string[]>();
  for (const { metadata, status } of pods.parse(answer).items) {
    for (const { image = "", state } of [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
    ]) {
      if (!reasons.has(state?.waiting?.reason ?? "")) continue;
      missing.set(image, [...(missing.get(image) ?? []), metadata.name]);
    }
  }
  return missing;
}

/**
 * Rejects with every missing image as soon as there is one; otherwise never settles. A cluster that does not answer is
 * not a missing image.
 * @param signal ends the search
 */
export async function refuseMissingImages(
  kubernetes: Pick<KubernetesApi, "get" | "namespace">,
  signal: AbortSignal,
  pauseSeconds = 1,
): Promise<never> {
  const path = `/api/v1/namespaces/${kubernetes.namespace}/pods`;
  while (!signal.aborted) {
    await delay(pauseSeconds * 1000);
    const found = await kubernetes.get(path).then(missingImages, () => new Map<string, string[]>());
    if (found.size === 0) continue;
    const problems = [...found].map(([image, names]) => ({
      where: names.join(", "),
      value: image,
      rule: "the local stack has no such image",
      remedy: "correct image or databaseImage, or leave it out: the drill builds the others itself",
    }));
    throw new CannotRun("the drill cannot run with these images", problems);
  }
  return new Promise<never>(() => {});
}
