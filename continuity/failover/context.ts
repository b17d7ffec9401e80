import type { Plan } from "../../plan/index.ts";
import type { KubernetesApi } from "../kubernetes.ts";
import type { Progress } from "../progress.ts";
import type { Resolve } from "../site-http.ts";
import type { ManagedStack, StackSettings } from "../stacks.ts";

/** Where and as whom AWS is called. @default what the AWS SDK finds in its environment */
export interface AwsAccess {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** All that a switch of regions may use: one site's stack, cluster and region. Nothing of the other region. */
export interface FailoverContext {
  plan: Plan;
  stack: Pick<ManagedStack, "setRole" | "up">;
  settings: StackSettings;
  /** The cluster of the site that takes over. */
  kubernetes: KubernetesApi;
  progress: Progress;
  aws?: AwsAccess;
  resolve?: Resolve | undefined;
  /** Goes on although the newest recovery point is older than the RPO. @default false */
  acceptDataLoss?: boolean;
}
