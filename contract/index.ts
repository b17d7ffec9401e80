/**
 * Shared by components, jobs, policies and commands; may import only the plan.
 * @module
 */
export * from "./aws-names.ts";
export * from "./bucket-keys.ts";
export * from "./cidr.ts";
export * from "./configuration/index.ts";
export * from "./database-names.ts";
export * from "./endpoint.ts";
export * from "./images.ts";
export * from "./job-names.ts";
export * from "./kubernetes-names.ts";
export * from "./metrics.ts";
export * from "./network.ts";
export * from "./plan.ts";
export * from "./platform-limits.ts";
export * from "./problems.ts";
export * from "./project.ts";
export * from "./quantity.ts";
export * from "./readiness.ts";
export * from "./site-facts.ts";
export * from "./topology.ts";
export * from "./writer.ts";
