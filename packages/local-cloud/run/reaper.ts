/**
 * Ends what a run started when its process is gone without a word, as after kill -9. Children that watch their input end
 * by themselves; those of commands in between do not: the engine's policy packs and language hosts go on for ever.
 */
import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanLeftovers, ownerOf } from "./leftovers.ts";
import { isRunning } from "./processes.ts";

/** Waits in a shell, which costs next to nothing, for the end of the pipe that only the run's process holds. */
const waiter = 'cat >/dev/null; exec "$0" "$@"';

/** How long a process whose files are closed already may take to be gone. */
const dyingMilliseconds = 5_000;

/** Starts the reaper of a run's folder; call what it returns when the run is closed. */
export function startReaper(directory: string): () => void {
  const child = spawn("/bin/sh", ["-c", waiter, process.execPath, fileURLToPath(import.meta.url), directory], {
    detached: true, // whoever ends our process group must not end it too
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
  });
  child.on("error", () => undefined); // without a shell the next run cleans up
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
