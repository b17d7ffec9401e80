/** Lets one process of the machine at a time do something. */
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const pollMilliseconds = 200;

/**
 * Abstract sockets belong to one process only, and the kernel takes them back however that process ends: such a lock
 * cannot be left behind.
 */
function tryLock(name: string): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(`\0local-cloud-lock-${name}`, () => resolve(server));
  });
}

/** Runs the work while no other process does for the same subject; tells once if that means waiting. */
export async function withLock<T>(subject: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  const name = createHash("sha256").update(`${process.getuid?.()}:${subject}`).digest("hex").slice(0, 32);
  let lock = await tryLock(name);
  if (!lock) waiting();
  while (!lock) {
    await sleep(pollMilliseconds);
    lock = await tryLock(name);
  }
  const held = lock;
  try {
    return await work();
  } finally {
    await new Promise((done) => held.close(done));
  }
}
