/** Tells a waiting person that something goes on. */
import type { Progress } from "./types.ts";

const everySeconds = 15;

/** Says what begins, how long it has taken every so often, and when it is done. */
export async function reporting<T>(
  beginning: string,
  task: string,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  const began = Date.now();
  const seconds = (): number => Math.round((Date.now() - began) / 1000);
  progress(beginning);
  const timer = setInterval(() => progress(`${task} … ${seconds()} s`), everySeconds * 1000);
  try {
    const result = await work();
    progress(`${task}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
