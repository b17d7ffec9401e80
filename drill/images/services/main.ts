/** Entry point of all service images; the environment variable SERVICE selects the service. */
import { authentication } from "./authentication.ts";
import { backendApi } from "./backend-api.ts";
import { serve } from "./http-service.ts";
import type { Service } from "./http-service.ts";
import { frontendUi, healthMonitoring, monitoringDashboards } from "./observers.ts";
import { SettingsError, readSettings } from "./settings.ts";
import { isServiceName, serviceNames } from "./names.ts";
import type { ServiceName } from "./names.ts";
import type { Settings } from "./settings.ts";
import { agentOrchestration, analytics, llmRouting, loggingAggregation } from "./workers.ts";

const services: Record<ServiceName, (settings: Settings) => Service> = {
  "backend-api": backendApi,
  authentication,
  "health-monitoring": healthMonitoring,
  "frontend-ui": frontendUi,
  "agent-orchestration": agentOrchestration,
  "llm-routing": llmRouting,
  analytics,
  "logging-aggregation": loggingAggregation,
  "monitoring-dashboards": monitoringDashboards,
};

function programOf(settings: Settings): Service {
  const { standsFor } = settings;
  if (standsFor === "stub") return { notReady: () => undefined, routes: {} };
  if (isServiceName(standsFor)) return services[standsFor](settings);
  throw new SettingsError(`SERVICE is ${standsFor}; it must be one of ${serviceNames.join(", ")}`);
}

async function run(): Promise<void> {
  const settings = readSettings(process.env);
  const service = programOf(settings);
  const server = await serve(service, settings.port, undefined, settings.probes);
  console.log(`${settings.service} serves on port ${settings.port} of the ${settings.site} site (${settings.role})`);
  process.once("SIGTERM", () => {
    service.stop?.();
    server.close(() => process.exit(0));
    // Busy connections become idle one by one.
    setInterval(() => server.closeIdleConnections(), 50);
  });
}

run().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(error instanceof SettingsError ? 2 : 1);
});
