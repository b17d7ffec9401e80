/** Providers that accept everything and create nothing, to test the engine's behaviour. */
import { createRequire } from "node:module";
import { startProviders, type LocalProvider, type StartedProviders } from "@vapora-continuity/local-cloud/providers";
import { equal, unknown } from "@vapora-continuity/local-cloud/providers";

const require = createRequire(import.meta.url);

const versionOf = (name: string): string => String(require(`@pulumi/${name}/package.json`).version).replace(/^v/, "");

/** Outputs known only after creation. */
const computed: Record<string, string[]> = { aws: ["arn"], random: ["result"], kubernetes: [] };

/** Annotation of a Kubernetes object that is rejected as by admission, even in a dry run. */
export const refusedAnnotation = "test/refused";

const admit = ({ metadata }: Record<string, unknown>): void => {
  const { annotations } = (metadata ?? {}) as { annotations?: Record<string, unknown> };
  const reason = annotations?.[refusedAnnotation];
  if (reason !== undefined) throw new Error(`admission webhook denied the request: ${String(reason)}`);
};

/** The writer record of each bucket. */
export const bucketObjects = new Map<string, string>();

/** The database's claim, which a StatefulSet's controller would create. */
const liveClaim = { spec: { resources: { requests: { storage: "50Gi" } } } };

const recording = (name: string): LocalProvider => {
  const outputsFor = (preview: boolean): Record<string, string> =>
    Object.fromEntries((computed[name] ?? []).map((key) => [key, preview ? unknown : `${key}-of-it`]));
  return {
    package: name,
    version: versionOf(name),
    check: async (_call, _old, inputs) => ({ inputs }),
    diff: async (_call, _id, { oldInputs, newInputs }) => ({ changes: !equal(oldInputs, newInputs) }),
    create: async (call, inputs) => {
      admit(inputs);
      return { id: call.preview ? "" : `${call.name}-id`, outputs: { ...outputsFor(call.preview), ...inputs } };
    },
    update: async (_call, _id, { oldOutputs, newInputs }) => {
      admit(newInputs);
      return { outputs: { ...oldOutputs, ...newInputs } };
    },
    read: async ({ type }, id, { oldInputs, oldOutputs }) => ({
      id,
      inputs: oldInputs,
      outputs: type.endsWith(":PersistentVolumeClaim") ? liveClaim : oldOutputs,
    }),
    delete: async () => {},
    invoke: async (_call, token, args) => {
      if (token !== "aws:s3/getObject:getObject") return { outputs: { id: "Z0000000ZONE", zoneId: "Z0000000ZONE" } };
      const body = bucketObjects.get(String(args["bucket"]));
      if (body === undefined) return { failures: [{ property: "", reason: "couldn't find resource" }] };
      return { outputs: { body, id: "object" } };
    },
  };
};

/** One per package used by the program. */
export const startRecordingProviders = (): Promise<StartedProviders> =>
  startProviders(["aws", "kubernetes", "random"].map(recording));
