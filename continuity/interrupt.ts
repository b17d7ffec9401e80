const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

let interrupted = false;

/** Whether a signal is ending the process: failures of the commands that it ended too are none to report. */
export const wasInterrupted = (): boolean => interrupted;

/**
 * Cleans up when the process is interrupted, then lets the signal end the process as if nothing had listened; where
 * somebody else listens too, e.g. the drill, that decides. Call what it returns when there is nothing to clean up.
 */
export function onInterrupt(cleanUp: () => void): () => void {
  const forget = (): void => {
    for (const signal of signals) process.off(signal, handler);
  };
  const handler = (signal: NodeJS.Signals): void => {
    interrupted = true;
    forget();
    cleanUp();
    setImmediate(end, signal); // when all listeners have cleaned up
  };
  for (const signal of signals) process.on(signal, handler);
  return forget;
}

/**
 * Ends the process unless somebody else listens. The engine's library listens as well, to end the engine with us, but
 * does nothing while there are others; it keeps the number of its listeners where all its copies find it.
 */
function end(signal: NodeJS.Signals): void {
  const { __signal_exit_emitter__: library } = process as { __signal_exit_emitter__?: { count: number } };
  if (process.listenerCount(signal) !== (library?.count ?? 0)) return;
  process.emit(signal, signal);
  process.kill(process.pid, signal);
}
