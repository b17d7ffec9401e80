import type { SiteEndpoint } from "../../contract/index.ts";
import type { Plan } from "../../plan/index.ts";
import type { KubernetesApi } from "../kubernetes.ts";
import type { Progress } from "../progress.ts";
import type { Resolve } from "../site-http.ts";
import type { ProbeLimits } from "../site-probe.ts";
import type { ManagedStack, StackSettings } from "../stacks.ts";

/** AWS endpoint and credentials. @default from the environment, as by the AWS SDK */
export interface AwsAccess {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** The other site's stack, if the project directory has its configuration. */
interface PartnerStack {
  /** Name of the stack, e.g. `prod`. */
  name: string;
  /** Scheme and port of its site. */
  endpoint: SiteEndpoint;
  /** Sets its configured role to isolated, so that its next update does not make it a writer again. */
  isolate(): Promise<void>;
}

/**
 * Everything a failover may use: one site's stack, cluster and region. Of the other region only its host name is probed
 * over HTTP for a few seconds; more only with `forceUnplanned`.
 */
export interface FailoverContext {
  plan: Plan;
  stack: Pick<ManagedStack, "preview" | "role" | "setRole" | "up">;
  settings: StackSettings;
  /** Cluster of the site that takes over. */
  kubernetes: KubernetesApi;
  progress: Progress;
  aws?: AwsAccess;
  resolve?: Resolve | undefined;
  /** How long the names of the service are asked. @default see ProbeLimits */
  probing?: ProbeLimits;
  /** Continues even if the newest recovery point is older than the RPO. @default false */
  acceptDataLoss?: boolean;
  /** Continues even if the other site still serves, and tries to fence it first. @default false */
  forceUnplanned?: boolean;
  /** Omit: the project directory does not have its configuration. */
  otherStack?: PartnerStack | undefined;
  /** Continues even if the policy pack rejects the update or reaches no verdict. @default false */
  skipPolicies?: boolean;
  /** Directory without the expected policy pack. Omit: the stack has its pack. */
  missingPack?: string | undefined;
}
