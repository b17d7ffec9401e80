/** Starts, kills and stops a Kubernetes cluster. */
import { readFile, rm } from "node:fs/promises";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { spawnTied } from "../run/index.ts";
import type { Run, Tied } from "../run/index.ts";

export interface ClusterOptions {
  run: Run;
  /** The cluster program, as `ensureTools` gives it. */
  binary: string;
  /** Tells clusters of one run apart; also the name of the node. */
  name: string;
  /** Folder of images: REGISTRY/NAME/TAG/image.json. An image that is not there cannot be pulled. */
  imagesDir: string;
  /**
   * Environment that every container gets in addition, without overriding the pod's own.
   * @default none
   */
  podEnv?: Record<string, string>;
  /** @default 60 */
  startTimeoutSeconds?: number;
}

export interface Cluster {
  readonly name: string;
  readonly kubeconfigPath: string;
  /** The kubeconfig itself, as JSON, with the certificate in it. */
  readonly kubeconfig: string;
  readonly apiPort: number;
  /** Range of the pods' addresses, e.g. 10.20.0.0/16. */
  readonly podNetwork: string;
  /** Range of the Services' addresses. */
  readonly serviceNetwork: string;
  /**
   * Where a Service's port is found on this machine: the same, except for ports below 1024 on machines that keep those
   * from a normal user.
   */
  portOnMachine(port: number): number;
  /** The loss of a region: everything ends at once, storage included. */
  kill(): Promise<void>;
  /** An orderly end; storage goes with it. */
  stop(): Promise<void>;
}

/** What the cluster program prints once it is usable. */
interface Announcement {
  apiPort: number;
  podNetwork: string;
  serviceNetwork: string;
  lowPortOffset: number;
  kubeconfig: string;
}

/** Starts a cluster; when it resolves, pods can be created. */
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

/** Waits for the first line of output: the program prints it when the cluster is usable. */
async function announcement(program: Tied, options: ClusterOptions): Promise<Announcement> {
  const seconds = options.startTimeoutSeconds ?? 60;
  const problem = (what: string): Error =>
    new Error(`Kubernetes cluster "${options.name}" ${what}; the end of its log:\n${program.logTail(15)}`);
  const line = new Promise<string>((resolve) => createInterface({ input: program.stdout }).once("line", resolve));
  const timer = new AbortController();
  try {
    return await Promise.race([
      line.then((text) => JSON.parse(text) as Announcement),
      program.exited.then(({ code, signal }) => {
        throw problem(`ended before it was usable (${signal ?? `status ${code}`})`);
      }),
      sleep(seconds * 1000, undefined, { signal: timer.signal }).then(() => {
        throw problem(`was not usable within ${seconds} s`);
      }),
    ]);
  } finally {
    timer.abort();
  }
}
