/**
 * Suppresses the engine's debugging output: core 3.0.2 prints ten lines to standard error, from native code, for each
 * transaction on a table with a changefeed.
 */
import { closeSync, constants, createWriteStream, openSync } from "node:fs";

const standardError = 2;
let done = false;

function reopened(): NodeJS.WritableStream {
  try {
    const fd = openSync(`/proc/self/fd/${standardError}`, constants.O_WRONLY | constants.O_APPEND);
    return createWriteStream("", { fd });
  } catch {
    // A socket cannot be reopened, nor a file of another user.
    return process.stdout;
  }
}

/** Discards native output on standard error; JavaScript output is kept. Idempotent. */
export function silenceNativeOutput(): void {
  if (done) return;
  done = true;
  const stream = reopened();
  closeSync(standardError);
  // The lowest free file descriptor is used, so this becomes number 2 again.
  openSync("/dev/null", "w");
  Object.defineProperty(process, "stderr", { configurable: true, enumerable: true, get: () => stream });
}
