/** Starts and stops a Kubernetes cluster. */
import { readFile, rm } from "node:fs/promises";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { spawnTied } from "../run/index.ts";
import type { Run, Tied } from "../run/index.ts";

export interface ClusterOptions {
  /** Owns the cluster's processes and files. */
  run: Run;
  /** Path of the cluster program, as `ensureTools` returns it. */
  binary: string;
  /** Unique in the run; also the name of the node. */
  name: string;
  /** Directory of images: REGISTRY/NAME/TAG/image.json. Other images cannot be pulled. */
  imagesDir: string;
  /**
   * Additional environment of every container; the pod's own takes precedence.
   * @default none
   */
  podEnv?: Record<string, string>;
  /**
   * Limit for the start, in seconds.
   * @default 60
   */
  startTimeoutSeconds?: number;
}

export interface Cluster {
  /** Name given to `startCluster`. */
  readonly name: string;
  /** File with the kubeconfig; removed with the cluster. */
  readonly kubeconfigPath: string;
  /** The kubeconfig as JSON, with embedded certificates. */
  readonly kubeconfig: string;
  /** Port of the API server on 127.0.0.1. */
  readonly apiPort: number;
  /** Range of the pods' addresses, e.g. 10.20.0.0/16. */
  readonly podNetwork: string;
  /** Range of the Services' addresses. */
  readonly serviceNetwork: string;
  /**
   * Port of a Service on this machine: the same, except for ports below 1024 where they are privileged.
   */
  portOnMachine(port: number): number;
  /** Kills all processes at once and removes the storage. */
  kill(): Promise<void>;
  /** Stops the cluster gracefully and removes the storage. */
  stop(): Promise<void>;
}

/** First line of the cluster program's output. */
interface Announcement {
  apiPort: number;
  podNetwork: string;
  serviceNetwork: string;
  lowPortOffset: number;
  kubeconfig: string;
}

/** Starts a cluster; resolves when pods can be created. @throws if the program exits or is late, with the end of its log */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { run, name } = options;
  const directory = join(run.directory, "clusters", name);
  mkdirSync(directory, { recursive: true });
  const podEnv = join(directory, "pod-env.json");
  writeFileSync(podEnv, JSON.stringify(options.podEnv ?? {}), { mode: 0o600 });
  const program = spawnTied(
    options.binary,
    ["-name", name, "-dir", directory, "-images", options.imagesDir, "-pod-env", podEnv, "-until-stdin-ends"],
    { run, label: `cluster-${name}`, watchesStdin: true },
  );
  const end = async (how: () => Promise<void>): Promise<void> => {
    await how();
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  try {
    const { kubeconfig: kubeconfigPath, lowPortOffset, ...rest } = await announcement(program, options);
    const kubeconfig = await readFile(kubeconfigPath, "utf8");
    return {
      name,
      kubeconfigPath,
      kubeconfig,
      ...rest,
      portOnMachine: (port) => (port < 1024 ? port + lowPortOffset : port),
      kill: () => end(program.kill),
      stop: () => end(() => program.stop()),
    };
  } catch (error) {
    await end(program.kill);
    throw error;
  }
}

/** Waits for the first line of output, which the program prints when the cluster is ready. */
async function announcement(program: Tied, options: ClusterOptions): Promise<Announcement> {
  const seconds = options.startTimeoutSeconds ?? 60;
  const problem = (what: string): Error =>
    new Error(`Kubernetes cluster "${options.name}" ${what}; last lines of its log:\n${program.logTail(15)}`);
  const line = new Promise<string>((resolve) => createInterface({ input: program.stdout }).once("line", resolve));
  const timer = new AbortController();
  try {
    return await Promise.race([
      line.then((text) => JSON.parse(text) as Announcement),
      program.exited.then(({ code, signal }) => {
        throw problem(`exited before it was ready (${signal ?? `status ${code}`})`);
      }),
      sleep(seconds * 1000, undefined, { signal: timer.signal }).then(() => {
        throw problem(`was not ready within ${seconds} s`);
      }),
    ]);
  } finally {
    timer.abort();
  }
}
