/** Local Kubernetes provider: manages single API objects by server-side apply. */
import type { LocalProvider } from "../provider.ts";
import { sdkVersion } from "../sdk-version.ts";
import { check } from "./check.ts";
import { checkConfig } from "./config.ts";
import { diffConfig } from "./diff-config.ts";
import { diff } from "./diff.ts";
import { create, read, remove, update } from "./lifecycle.ts";

/** Creates the provider. Rejects Helm, Kustomize, YAML files, lists and patches. */
export const kubernetesProvider = (): LocalProvider => ({
  package: "kubernetes",
  version: sdkVersion("kubernetes"),
  checkConfig,
  diffConfig,
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
