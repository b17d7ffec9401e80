/**
 * The local Kubernetes provider: manages every resource of `@pulumi/kubernetes`
 * that is a plain API object, by server-side apply on a real API server.
 */
import type { LocalProvider } from "../provider.ts";
import { sdkVersion } from "../sdk-version.ts";
import { check } from "./check.ts";
import { checkConfig } from "./config.ts";
import { diff } from "./diff.ts";
import { create, read, remove, update } from "./lifecycle.ts";

/** Helm, Kustomize, YAML files, lists and patches are refused. */
export const kubernetesProvider = (): LocalProvider => ({
  package: "kubernetes",
  version: sdkVersion("kubernetes"),
  checkConfig,
  check,
  diff,
  create,
  update,
  read,
  delete: remove,
  invoke: async (_call, token) => ({
    failures: [{ property: "", reason: `${token} is not supported by the local Kubernetes provider` }],
  }),
});
