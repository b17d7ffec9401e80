const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Cleans up when the process is interrupted, then lets the signal end the process as if nothing had listened; where
 * somebody else listens too, e.g. the drill, that decides. Call what it returns when there is nothing to clean up.
 */
export function onInterrupt(cleanUp: () => void): () => void {
  const forget = (): void => {
    for (const signal of signals) process.off(signal, handler);
  };
  const handler = (signal: NodeJS.Signals): void => {
    forget();
    cleanUp();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, handler);
  return forget;
}
