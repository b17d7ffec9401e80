import { createServer } from "node:net";

/** Stands where a server has died: refuses everybody, and remembers that somebody came. */
export interface DeadPort {
  /** Milliseconds since 1970 of each connection attempt. */
  attempts(): readonly number[];
  close(): Promise<void>;
}

/** Takes over a port of 127.0.0.1 whose server was killed, so that calls to it are counted, not only lost. */
export async function guardDeadPort(port: number): Promise<DeadPort> {
  const attempts: number[] = [];
  const server = createServer((socket) => {
    attempts.push(Date.now());
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    attempts: () => attempts,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
