/**
 * Keeps the engine's debugging output away from people: core 3.0.2 prints ten lines to standard error for each
 * transaction on a table with a changefeed, from native code.
 */
import { closeSync, constants, createWriteStream, openSync } from "node:fs";

const standardError = 2;
let done = false;

function reopened(): NodeJS.WritableStream {
  try {
    const fd = openSync(`/proc/self/fd/${standardError}`, constants.O_WRONLY | constants.O_APPEND);
    return createWriteStream("", { fd });
  } catch {
    // A socket cannot be opened a second time, nor a file that belongs to somebody else.
    return process.stdout;
  }
}

/** Sends native output on standard error nowhere; what JavaScript writes there still arrives. Acts once. */
export function silenceNativeOutput(): void {
  if (done) return;
  done = true;
  const stream = reopened();
  closeSync(standardError);
  // The lowest free number is taken: this makes it number 2 again.
  openSync("/dev/null", "w");
  Object.defineProperty(process, "stderr", { configurable: true, enumerable: true, get: () => stream });
}
