/** Leaves nothing behind, however this process ends (except for kill -9: the next run cleans up then). */
import type { Run } from "./run.ts";

const endings: [NodeJS.Signals, number][] = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
];

/**
 * On Ctrl-C and the like stops in order (`stop`, by default closing the run), then exits; a second signal exits at
 * once. On a crash ends everything at once. Call what it returns when the run was closed.
 */
export function closeOnExit(run: Run, stop: () => Promise<void> = () => run.close()): () => void {
  let stopping = false;
  const handlers = endings.map(([name, status]) => {
    const handler = (): void => {
      if (stopping) process.exit(status);
      stopping = true;
      void stop()
        .catch((error: unknown) => console.error(error))
        .finally(() => process.exit(status));
    };
    process.on(name, handler);
    return [name, handler] as const;
  });
  const last = (): void => run.closeNow();
  process.on("exit", last);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
    process.off("exit", last);
  };
}
