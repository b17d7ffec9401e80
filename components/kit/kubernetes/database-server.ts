/** The container of a SurrealDB server: the site's database or a scratch database. */
import type * as pulumi from "@pulumi/pulumi";
import { kubernetesNames } from "../../../contract/index.ts";
import { containerSecurity, secretEnv, temporaryFiles, type Container } from "./pod.ts";
import { resourcesOf, type Resources } from "./resources.ts";

export interface DatabaseServerArgs {
  /** Name of the container. */
  name: string;
  /** Image of SurrealDB. */
  image: pulumi.Input<string>;
  /** Name of the pod's volume that holds the data. */
  volume: string;
  /** Directory of the data on that volume. */
  folder: string;
  /** CPU and memory of the container. */
  resources: Resources;
}

const health = { httpGet: { path: "/health", port: "http" } };

export const databaseServer = (args: DatabaseServerArgs): Container => ({
  name: args.name,
  image: args.image,
  // rocksdb: the only storage engine whose exports stayed consistent under concurrent writes.
  // [::] accepts IPv4 too; in an IPv6 cluster, pods have no IPv4 address.
  args: ["start", "--bind", `[::]:${kubernetesNames.databasePort}`, `rocksdb:/data/${args.folder}`],
  env: [
    secretEnv("SURREAL_USER", kubernetesNames.databaseRootSecret, "username"),
    secretEnv("SURREAL_PASS", kubernetesNames.databaseRootSecret, "password"),
  ],
  ports: [{ name: "http", containerPort: kubernetesNames.databasePort }],
  // Crash recovery of the storage engine may take minutes; the other probes start only after it.
  startupProbe: { ...health, periodSeconds: 1, failureThreshold: 300 },
  readinessProbe: { ...health, periodSeconds: 2, timeoutSeconds: 2 },
  livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  resources: resourcesOf(args.resources),
  securityContext: containerSecurity,
  volumeMounts: [{ name: args.volume, mountPath: "/data" }, temporaryFiles.mount],
});
