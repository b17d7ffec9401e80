/** Leaves nothing behind, however this process ends (except for kill -9: the reaper of the run cleans up then). */
import { killDescendants } from "./processes.ts";
import type { Run } from "./run.ts";

const endings: [NodeJS.Signals, number][] = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
];

/** Runs that this process had; a command that outlived one may have written into its folder again. */
const runs = new Set<Run>();

function leaveNothing(): void {
  killDescendants();
  for (const run of runs) run.closeNow();
}

/**
 * On Ctrl-C and the like stops in order (`stop`, by default closing the run), then exits; a second signal exits at
 * once. Whatever the exit, ends everything that this process started and removes the folder. Call what it returns when
 * the run was closed: signals then do again what they did before.
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
  if (runs.size === 0) process.on("exit", leaveNothing);
  runs.add(run);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}
