/** A real Kubernetes cluster of one process, for drills and tests. Linux only. */
export { onMachine } from "./addresses.ts";
export { startCluster } from "./cluster.ts";
export type { Cluster, ClusterOptions } from "./cluster.ts";
