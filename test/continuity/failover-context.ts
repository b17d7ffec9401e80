import { siteEndpoint } from "../../contract/index.ts";
import type { FailoverContext } from "../../continuity/failover/context.ts";
import { createProgress } from "../../continuity/progress.ts";
import type { FakeCluster } from "./fake-cluster.ts";
import { hostnames } from "./fake-site.ts";
import { examplePlan } from "../support/example-plan.ts";

const plan = examplePlan();

/** A silent progress. */
export const silent = createProgress({ write: () => true });

/** A failover to the alternate site, with an engine that completes immediately. */
export function failoverContext(cluster: FakeCluster, change: Partial<FailoverContext> = {}): FailoverContext {
  return {
    plan,
    stack: {
      preview: async () => ({ violations: [], failures: [], unfinished: undefined }),
      role: async () => "standby",
      setRole: async () => {},
      up: async () => {},
    },
    settings: {
      topology: { namePrefix: "vapora", primaryRegion: "eu-west-1", alternateRegion: "eu-central-1" },
      site: "alternate",
      role: "standby",
      namespace: "vapora",
      ...hostnames,
      endpoint: siteEndpoint(undefined),
      kubeconfig: undefined,
      kubeContext: undefined,
      planFile: undefined,
    },
    kubernetes: cluster,
    progress: silent,
    probing: { pauseSeconds: 0.02 },
    ...change,
  };
}
