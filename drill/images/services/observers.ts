/** Services that monitor others: health, dashboards and the frontend. */
import { defaultProbes } from "../../../contract/index.ts";
import { send } from "./http-client.ts";
import { ok } from "./http-service.ts";
import type { Service } from "./http-service.ts";
import type { Settings } from "./settings.ts";

interface Check {
  name: string;
  healthy: boolean;
  milliseconds: number;
  reason?: string | undefined;
}

async function check(name: string, url: URL): Promise<Check> {
  const began = performance.now();
  const reason = await send(url, { timeoutSeconds: 1.5 }).then(
    ({ status }) => (status === 200 ? undefined : `answers ${status}`),
    (error: unknown) => (error as Error).message,
  );
  const milliseconds = Math.round(performance.now() - began);
  return { name, healthy: reason === undefined, milliseconds, reason };
}

const readiness = (settings: Settings, service: string): Promise<Check> =>
  check(service, new URL("/readyz", settings.serviceUrl(service)));

/** Why a dependency is unavailable. */
export async function needs(settings: Settings, service: string): Promise<string | undefined> {
  const { healthy, reason } = await readiness(settings, service);
  return healthy ? undefined : `${service}: ${reason ?? "unhealthy"}`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const page = (title: string, body: string): { status: number; html: string } => ({
  status: 200,
  html: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><h1>${escaped(title)}</h1>${body}</html>`,
});

/** Checks the database and the other tier 1 services; ready while the database is reachable. */
export function healthMonitoring(settings: Settings): Service {
  const database = (): Promise<Check> => check("surrealdb", new URL("/health", settings.databaseUrl));
  return {
    notReady: async () => (await database()).reason,
    routes: {
      "GET /v1/health": async () => {
        const others = ["backend-api", "authentication"].map((service) => readiness(settings, service));
        const checks = await Promise.all([database(), ...others]);
        return ok({ site: settings.site, role: settings.role, healthy: checks.every((c) => c.healthy), checks });
      },
    },
  };
}

/** The frontend; shows whether the backend serves. */
export const frontendUi = (settings: Settings): Service => ({
  notReady: () => needs(settings, "backend-api"),
  routes: {
    "GET /": async () => {
      const answer = await send(new URL(defaultProbes.traffic.path, settings.serviceUrl("backend-api")));
      const { ready } = answer.json() as { ready: boolean };
      return page("VAPORA", `<p>${ready ? "All your projects are here." : "We are working on it."}</p>`);
    },
  },
});

/** Shows the results of health-monitoring. */
export const monitoringDashboards = (settings: Settings): Service => ({
  notReady: () => needs(settings, "health-monitoring"),
  routes: {
    "GET /": async () => {
      const answer = await send(new URL("/v1/health", settings.serviceUrl("health-monitoring")));
      const { checks } = answer.json() as { checks: Check[] };
      const rows = checks.map(
        ({ name, healthy, milliseconds, reason }) =>
          `<tr><td>${escaped(name)}<td>${healthy ? "healthy" : escaped(reason ?? "")}<td>${milliseconds} ms`,
      );
      return page("Monitoring", `<table>${rows.join("")}</table>`);
    },
  },
});
