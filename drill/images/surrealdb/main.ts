/** Entry point of the local database image. */
import { CommandError, readCommand } from "./command-line.ts";
import { startFront } from "./front.ts";
import type { Front } from "./front.ts";

async function start(): Promise<Front> {
  const options = readCommand(process.argv.slice(2), process.env);
  const front = await startFront(options);
  const fault = front.faults.export;
  console.log(`Started web server on ${front.host}:${front.port} over ${options.url}`);
  if (fault !== undefined) console.log(`Export fault enabled: ${fault}`);
  return front;
}

const started = start();
started.catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(error instanceof CommandError ? 2 : 1);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    started
      .then((front) => front.stop())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  });
}
