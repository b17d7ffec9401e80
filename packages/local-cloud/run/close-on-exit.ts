/** Cleans up however this process exits; after kill -9, the reaper of the run does. */
import { killDescendants } from "./processes.ts";
import type { Run } from "./run.ts";

const endings: [NodeJS.Signals, number][] = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
];

/** Every run of this process, closed ones too: a command that outlived one may have recreated its directory. */
const runs = new Set<Run>();

function cleanUp(): void {
  killDescendants();
  for (const run of runs) {
    try {
      run.closeNow();
    } catch (error) {
      console.error(error); // its reaper goes on with it
    }
  }
}

/**
 * On SIGINT, SIGTERM and SIGHUP, runs `stop` (by default `run.close()`) and exits with 128 + signal number; a second
 * signal exits at once. On every exit, kills all descendants of this process and removes the run's directory. The
 * returned function removes the signal handlers; call it when the run is closed.
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
  if (runs.size === 0) process.on("exit", cleanUp);
  runs.add(run);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}
