/** Starts the AWS emulator (ministack) on 127.0.0.1; it exits with this process, even after kill -9. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { spawnTied } from "../run/index.ts";
import type { Run, Tied } from "../run/index.ts";
import { isLoopback, listenersOf } from "./listening.ts";

const startTimeoutSeconds = 30;

export interface Emulator {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  run: Run;
  python: string;
  accountId: string;
  /** Region of requests that carry no signature. */
  defaultRegion: string;
}

/** Resolves once the emulator is healthy. @throws if it exits, is late, or listens on a non-loopback address */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const program = fileURLToPath(new URL("emulator.py", import.meta.url));
  const process = spawnTied(options.python, ["-u", program], {
    run: options.run,
    label: "aws-emulator",
    watchesStdin: true,
    env: environment(options),
  });
  try {
    const port = await announcedPort(process);
    await healthy(process, port);
    refuseOpenListeners(process);
    return { port, pid: process.child.pid ?? 0, stop: () => process.kill() };
  } catch (error) {
    await process.kill();
    throw error;
  }
}

/** Isolates the emulator from the user's machine: no Docker, init scripts, credentials or state. */
function environment({ run, accountId, defaultRegion }: EmulatorOptions): Record<string, string | undefined> {
  const home = join(run.directory, "aws-emulator");
  mkdirSync(home, { recursive: true });
  return {
    PATH: process.env.PATH,
    HOME: home,
    TMPDIR: home,
    DOCKER_HOST: `unix://${join(home, "no-docker.sock")}`,
    S3_DATA_DIR: join(home, "s3"),
    STATE_DIR: join(home, "state"),
    BIND_HOST: "127.0.0.1",
    AUTH: "true",
    MINISTACK_ACCOUNT_ID: accountId,
    MINISTACK_REGION: defaultRegion,
    IOT_MTLS_ENABLED: "0",
    SFTP_ENABLED: "0",
    LOG_LEVEL: "WARNING",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

async function announcedPort(process: Tied): Promise<number> {
  const lines = createInterface({ input: process.stdout });
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once("line", resolve)),
    gone(process),
    sleep(startTimeoutSeconds * 1000, undefined, { ref: false }),
  ]);
  lines.on("line", () => undefined); // drain, or the pipe fills up
  if (line === undefined)
    throw new Error(`AWS emulator printed no port within ${startTimeoutSeconds} s\n${process.logTail()}`);
  return (JSON.parse(line) as { port: number }).port;
}

async function gone(process: Tied): Promise<never> {
  const { code, signal } = await process.exited;
  throw new Error(`AWS emulator exited (${signal ?? `status ${code}`})\n${process.logTail()}`);
}

async function healthy(process: Tied, port: number): Promise<void> {
  const deadline = Date.now() + startTimeoutSeconds * 1000;
  const answers = async (): Promise<void> => {
    while (Date.now() < deadline) {
      const url = `http://127.0.0.1:${port}/_ministack/health`;
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      await response?.arrayBuffer();
      if (response?.ok) return;
      await sleep(20);
    }
    throw new Error(`AWS emulator was not healthy within ${startTimeoutSeconds} s\n${process.logTail()}`);
  };
  await Promise.race([answers(), gone(process)]);
}

function refuseOpenListeners(process: Tied): void {
  const open = listenersOf(process.child.pid ?? 0).filter(({ address }) => !isLoopback(address));
  if (open.length > 0)
    throw new Error(
      `AWS emulator listens on non-loopback addresses: ${open.map((l) => `${l.address}:${l.port}`).join(", ")}`,
    );
}
