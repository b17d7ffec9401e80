import { createServer } from "node:net";

/** Listens in place of a killed server: closes each connection and records it. */
export interface DeadPort {
  /** Time of each connection attempt, in milliseconds since the epoch. */
  attempts(): readonly number[];
  /** Frees the port. */
  close(): Promise<void>;
}

/** Takes over a port of 127.0.0.1 whose server was killed, so that calls to it are counted. @throws EADDRINUSE if it still runs */
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
