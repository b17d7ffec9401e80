/** The pod of one service. */
import { servicesServiceAccount } from "../../../contract/index.ts";
import {
  containerSecurity,
  podSecurity,
  priorityClassName,
  resourcesOf,
  selectorOf,
  temporaryFiles,
  type PodSpec,
} from "../../kit/kubernetes/index.ts";
import type { ServiceWorkloadArgs } from "./service-arguments.ts";

/** Seconds for requests in flight to finish. */
const terminationGraceSeconds = 20;

/** Seconds for which load balancers may still send requests to a terminating pod. */
const drainSeconds = 5;

/** Seconds between two readiness checks; in the most critical tier they add to the recovery time. */
const readinessPeriodSeconds = (tier: number): number => (tier === 1 ? 1 : 2);

export function servicePod({ namespace, id, tier, image, env, port, ...args }: ServiceWorkloadArgs): PodSpec {
  const alive = { httpGet: { path: args.paths.alive, port: "http" } };
  const ready = { httpGet: { path: args.paths.ready, port: "http" } };
  return {
    // Only services that read access keys have an AWS identity.
    serviceAccountName: args.needsKeys ? servicesServiceAccount : undefined,
    automountServiceAccountToken: false,
    priorityClassName: priorityClassName(namespace, tier),
    securityContext: podSecurity,
    terminationGracePeriodSeconds: terminationGraceSeconds,
    topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      // `DoNotSchedule` would block a recovery while a zone has no capacity.
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: selectorOf(id) },
    })),
    containers: [
      {
        name: id,
        image,
        env,
        ports: [{ name: "http", containerPort: port }],
        startupProbe: { ...alive, periodSeconds: 1, failureThreshold: 60 },
        readinessProbe: { ...ready, periodSeconds: readinessPeriodSeconds(tier), timeoutSeconds: 2 },
        livenessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 5 },
        lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
        resources: resourcesOf(args.resources),
        securityContext: containerSecurity,
        volumeMounts: [temporaryFiles.mount],
      },
    ],
    volumes: [temporaryFiles.volume],
  };
}
