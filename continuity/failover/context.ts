import type { SiteEndpoint } from "../../contract/index.ts";
import type { Plan } from "../../plan/index.ts";
import type { KubernetesApi } from "../kubernetes.ts";
import type { Progress } from "../progress.ts";
import type { Resolve } from "../site-http.ts";
import type { ProbeLimits } from "../site-probe.ts";
import type { ManagedStack, StackSettings } from "../stacks.ts";

/** Where and as whom AWS is called. @default what the AWS SDK finds in its environment */
export interface AwsAccess {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** The other site's stack, where the project directory knows it. */
export interface PartnerStack {
  /** Name of the stack, e.g. `prod`. */
  name: string;
  /** How its site answers. */
  endpoint: SiteEndpoint;
  /** Sets its role to isolated in its configuration; its next update then does not make it a writer again. */
  isolate(): Promise<void>;
}

/**
 * All that a switch of regions may use: one site's stack, cluster and region. Nothing of the other region but its
 * host name, which may be asked over HTTP, for seconds; more only where `forceUnplanned` is set.
 */
export interface FailoverContext {
  plan: Plan;
  stack: Pick<ManagedStack, "preview" | "role" | "setRole" | "up">;
  settings: StackSettings;
  /** The cluster of the site that takes over. */
  kubernetes: KubernetesApi;
  progress: Progress;
  aws?: AwsAccess;
  resolve?: Resolve | undefined;
  /** How long the names of the service are asked. @default see ProbeLimits */
  probing?: ProbeLimits;
  /** Goes on although the newest recovery point is older than the RPO. @default false */
  acceptDataLoss?: boolean;
  /** Goes on although the other site still serves, and tries to fence it first. @default false */
  forceUnplanned?: boolean;
  /** Omit: the project directory has no configuration of it. */
  otherStack?: PartnerStack | undefined;
  /** Goes on although the policy pack forbids the switch, or cannot judge it. @default false */
  skipPolicies?: boolean;
  /** Folder in which a policy pack was looked for in vain. Omit: the stack has its pack. */
  missingPack?: string | undefined;
}
