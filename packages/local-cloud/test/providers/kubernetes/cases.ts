/** Objects of a Kubernetes cluster that need no image, in its default namespace. */
import type { JsonObject, Properties } from "../../../providers/values.ts";
import type { ResourceCase } from "../contract/resource-contract.ts";

const metadata = (tier = "one"): JsonObject => ({ name: "contract", namespace: "default", labels: { tier } });

const objectCase = (
  token: string,
  content: Properties,
  more: Partial<ResourceCase<undefined>> = {},
): ResourceCase<undefined> => ({
  type: `kubernetes:${token}`,
  computed: ["metadata.uid"],
  exclusive: true,
  inputs: () => ({ metadata: metadata(), ...content }),
  changed: () => ({ metadata: metadata("two"), ...content }),
  rejected: () => ({ ...content, metadata: { name: "Not Valid", namespace: "default" } }),
  ...more,
});

const deployment = (app: string): Properties => ({
  spec: {
    replicas: 0,
    selector: { matchLabels: { app } },
    template: { metadata: { labels: { app } }, spec: { containers: [{ name: "web", image: "test/web:1" }] } },
  },
});

export const kubernetesCases: ResourceCase<undefined>[] = [
  objectCase(
    "core/v1:ConfigMap",
    { data: { a: "1" } },
    { replaced: () => ({ metadata: metadata(), data: { a: "2" } }) },
  ),
  objectCase(
    "core/v1:Secret",
    { data: { a: "Yg==" } },
    {
      replaced: () => ({ metadata: metadata(), data: { a: "Yw==" } }),
      secret: { input: "data", output: "data" },
    },
  ),
  objectCase("apps/v1:Deployment", deployment("web"), {
    replaced: () => ({ metadata: metadata(), ...deployment("other") }),
  }),
];
