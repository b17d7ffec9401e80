/**
 * Cleans up after a run whose process was killed. Tied children exit when their standard input ends, but their own
 * children may not: the engine's policy packs and language hosts would run indefinitely.
 */
import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanLeftovers, ownerOf } from "./leftovers.ts";
import { isRunning } from "./processes.ts";

/** A shell, as it needs little memory, blocks until the end of the pipe whose only writer is the run's process. */
const waiter = 'cat >/dev/null; exec "$0" "$@"';

/** Limit for a process whose files are closed to disappear. */
const dyingMilliseconds = 5_000;

/** Starts the reaper of a run's directory; the returned function stops it. */
export function startReaper(directory: string): () => void {
  const child = spawn("/bin/sh", ["-c", waiter, process.execPath, fileURLToPath(import.meta.url), directory], {
    detached: true, // survives a signal to our process group
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
  });
  child.on("error", () => undefined); // without a shell, the next run cleans up
  child.stdin.on("error", () => undefined);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref(); // it is one; the type does not show it
  return () => child.kill("SIGKILL");
}

async function reap(directory: string): Promise<void> {
  const owner = ownerOf(directory);
  for (const end = Date.now() + dyingMilliseconds; owner && isRunning(owner) && Date.now() < end;) await sleep(20);
  await cleanLeftovers(dirname(directory));
}

if (import.meta.main) await reap(process.argv[2] ?? "");
