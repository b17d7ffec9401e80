export { Cluster, type ClusterArgs } from "./cluster.ts";
export { ClusterDefaults } from "./cluster-defaults.ts";
