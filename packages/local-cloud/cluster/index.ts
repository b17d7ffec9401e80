/** A real Kubernetes control plane with a kubelet that runs containers as processes. Linux only. */
export { onMachine } from "./addresses.ts";
export { startCluster } from "./cluster.ts";
export type { Cluster, ClusterOptions } from "./cluster.ts";
