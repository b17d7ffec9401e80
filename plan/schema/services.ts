/** Services, their criticality and their order of recovery. */
import { z } from "zod";
import { count, duration, id, section, text, textOfForm } from "./fields.ts";

/** Standby mode of a tier in the alternate region: running with current data, or deployed and scaled to zero. */
export const standbyMode = z.enum(["warm-standby", "pilot-light"]);

const probePath = (description: string) =>
  textOfForm(/^\/[!-~]*$/, description, {
    rule: "must be the path of a URL: start with / and contain no spaces",
    remedy: "write e.g. /healthz",
  });

const credential = section({
  secret: text(
    "Name or ARN of the secret in Secrets Manager, with a replica in both regions; its text is sent as it is.",
  ),
  header: textOfForm(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "Header that carries it, e.g. authorization.", {
    rule: "must be the name of an HTTP header",
    remedy: "write e.g. authorization",
  }),
});

const trafficProbe = section({
  path: probePath("Path and query. Default: /.well-known/continuity.").optional(),
  method: z.enum(["GET", "POST"]).optional().describe("HTTP method. Default: GET."),
  status: z
    .number()
    .int()
    .min(200)
    .max(599)
    .optional()
    .describe("HTTP status of a site that may serve users. Default: 200."),
  credential: credential.optional().describe("Secret that the probe sends. Omit: none."),
});

const probes = section({
  alive: probePath("The container is restarted when this path fails. Default: /healthz.").optional(),
  ready: probePath(
    "The pod receives requests while this path succeeds, on a standby too. Default: /readyz.",
  ).optional(),
  traffic: trafficProbe
    .optional()
    .describe("Readiness contract of a service that takes traffic: whether its site serves users."),
});

/** A quantity of Kubernetes, such as `500m` or `512Mi`. */
const quantity = (pattern: RegExp, description: string, example: string) =>
  textOfForm(pattern, description, { rule: "must be a quantity of Kubernetes", remedy: `write e.g. ${example}` });

const size = section({
  cpu: quantity(/^(?:[1-9]\d*m|[1-9]\d*(?:\.\d+)?|0\.\d*[1-9])$/, "CPU request; there is no limit.", "250m").optional(),
  memory: quantity(/^[1-9]\d*(?:Mi|Gi)$/, "Memory request and limit.", "512Mi").optional(),
});

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const environment = z.record(
  textOfForm(environmentName, "Name of the variable.", {
    rule: "must be the name of an environment variable",
    remedy: "use letters, digits and underscores, and begin with no digit",
  }),
  z.string(),
);

const image = textOfForm(/^[a-z0-9][^\s@]*(?::[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/, "Image of the service.", {
  rule: "must be the full name of an image with its tag or digest",
  remedy: "write e.g. registry.example.com/shop/cart:1.4.2",
});

const service = section({
  id: id("Identifier of the service in Kubernetes, images and metrics."),
  name: text("Display name."),
  description: text("What the service provides to users."),
  needs: z
    .array(id("A service."))
    .default([])
    .describe("Services that must be running before this one; it may connect to no others."),
  holdsData: z
    .boolean()
    .default(false)
    .describe("Whether recovery points contain this service's data; exactly one service has it."),
  takesTraffic: z
    .boolean()
    .default(false)
    .describe("Whether the service receives the site's traffic; exactly one service does."),
  needsKeys: z
    .boolean()
    .optional()
    .describe("Whether the service may read the access keys, with an AWS identity. Default: in tier 1 only."),
  port: z
    .number()
    .int()
    .min(1024)
    .max(65535)
    .optional()
    .describe("TCP port of the service's pods; below 1024 an unprivileged container cannot listen. Default: 8080."),
  environment: environment
    .optional()
    .describe("Environment of the service's container beside the program's own; no secrets. Default: none."),
  size: size.optional().describe("CPU and memory of each pod. Default: 100m and 256Mi."),
  image: image
    .optional()
    .describe("Image of the service, in a registry of each site's region. Default: from imageRegistry and imageTag."),
  probes: probes.optional().describe("HTTP probes of the service. Omit: the default paths."),
});

const tier = section({
  tier: count("1 is the most critical."),
  name: text("Display name."),
  rto: duration("Recovery time objective: longest time from the fault until all services of the tier are back."),
  rpo: duration("Recovery point objective: maximum loss of recent data, as a duration."),
  standby: standbyMode.describe("Standby mode of the tier in the alternate region."),
  services: z.array(service).min(1).describe("Every service belongs to exactly one tier."),
});

const recoveryStep = section({
  order: count("Consecutive number across all phases."),
  capability: text("Restored capability of users or operators."),
  services: z.array(id("A service.")).min(1).describe("Services that restore the capability."),
});

const recoveryPhase = section({
  phase: count("Consecutive number; phases follow each other without gaps."),
  from: duration("Start of the phase, counted from the fault.", { mayBeZero: true }),
  within: duration("End of the phase, counted from the fault."),
  steps: z.array(recoveryStep).min(1),
});

export const tiers = z.array(tier).min(1).describe("Criticality of each service.");
export const recoveryPhases = z.array(recoveryPhase).min(1).describe("Order of recovery, most urgent first.");
