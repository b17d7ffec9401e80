/** Services of the plan implemented by this program; the database has a separate image. */
export const serviceNames = [
  "backend-api",
  "authentication",
  "health-monitoring",
  "frontend-ui",
  "agent-orchestration",
  "llm-routing",
  "analytics",
  "logging-aggregation",
  "monitoring-dashboards",
] as const;

export type ServiceName = (typeof serviceNames)[number];

export const isServiceName = (name: string): name is ServiceName => (serviceNames as readonly string[]).includes(name);

/** Services that each program calls by name, beside the database. */
export const calledBy: Readonly<Record<ServiceName, readonly string[]>> = {
  "backend-api": ["authentication"],
  authentication: [],
  "health-monitoring": ["backend-api", "authentication"],
  "frontend-ui": ["backend-api"],
  "agent-orchestration": ["llm-routing"],
  "llm-routing": [],
  analytics: [],
  "logging-aggregation": [],
  "monitoring-dashboards": ["health-monitoring"],
};
