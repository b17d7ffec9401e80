// A small shop: a store with a volume, a web tier behind a load balancer, a job, a custom resource.
import * as pulumi from "@pulumi/pulumi";
import * as kubernetes from "@pulumi/kubernetes";
import * as random from "@pulumi/random";

const config = new pulumi.Config();
const tag = config.get("tag") ?? "1";
const deleteUnreachable = config.getBoolean("deleteUnreachable") ?? false;

const provider = new kubernetes.Provider("cluster", {
  kubeconfig: config.requireSecret("kubeconfig"),
  deleteUnreachable,
});
// Another instance of the same package, with a namespace of its own.
const other = new kubernetes.Provider("other", {
  kubeconfig: config.requireSecret("kubeconfig"),
  namespace: "elsewhere",
  deleteUnreachable,
});
const opts = { provider };

const elsewhere = new kubernetes.core.v1.Namespace("elsewhere", { metadata: { name: "elsewhere" } }, opts);
new kubernetes.core.v1.ConfigMap(
  "note",
  { metadata: { name: "note" }, data: { from: "other" } },
  { provider: other, dependsOn: elsewhere },
);

const namespace = new kubernetes.core.v1.Namespace(
  "shop",
  { metadata: { name: "shop", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
  opts,
).metadata.name;
const settings = new kubernetes.core.v1.ConfigMap(
  "settings",
  { metadata: { namespace }, data: { greeting: config.get("greeting") ?? "hello" } },
  opts,
);
const password = new random.RandomPassword("store", { length: 24, special: false });
const secret = new kubernetes.core.v1.Secret(
  "store",
  { metadata: { namespace }, stringData: { password: password.result } },
  opts,
);

const pod = (name: string, image: string, args: string[] = []) => ({
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  terminationGracePeriodSeconds: 2,
  automountServiceAccountToken: false,
  containers: [
    {
      name,
      image,
      args,
      ports: [{ name: "http", containerPort: 8080 }],
      env: [
        { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        { name: "PASSWORD", valueFrom: { secretKeyRef: { name: secret.metadata.name, key: "password" } } },
        { name: "GREETING", valueFrom: { configMapKeyRef: { name: settings.metadata.name, key: "greeting" } } },
      ],
      resources: { requests: { cpu: "1000m", memory: "64Mi" } },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    },
  ],
});
const readinessProbe = { httpGet: { path: "/", port: "http" }, periodSeconds: 1 };
const served = (name: string, image: string) => {
  const spec = pod(name, image);
  return {
    metadata: { labels: { app: name } },
    spec: { ...spec, containers: spec.containers.map((container) => ({ ...container, readinessProbe })) },
  };
};

const store = new kubernetes.apps.v1.StatefulSet(
  "store",
  {
    metadata: { name: "store", namespace },
    spec: {
      serviceName: "store",
      replicas: 1,
      selector: { matchLabels: { app: "store" } },
      template: served("store", "test/web:1"),
      volumeClaimTemplates: [
        {
          metadata: { name: "data" },
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: config.get("storage") ?? "64Mi" } },
          },
        },
      ],
    },
  },
  opts,
);

const misspelt = config.getBoolean("misspelt") ? { replicaz: 3 } : {};
export const web = new kubernetes.apps.v1.Deployment(
  "web",
  {
    metadata: { namespace, annotations: { "pulumi.com/timeoutSeconds": config.get("timeoutSeconds") ?? "60" } },
    spec: {
      replicas: config.getNumber("replicas") ?? 2,
      selector: { matchLabels: { app: "web" } },
      template: served("web", `test/web:${tag}`),
      ...misspelt,
    },
  },
  { ...opts, dependsOn: store },
).metadata.name;
export const address = new kubernetes.core.v1.Service(
  "web",
  {
    metadata: { namespace },
    spec: { type: "LoadBalancer", selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
  },
  opts,
).status.apply((status) => status.loadBalancer?.ingress?.[0]?.ip);

new kubernetes.batch.v1.Job(
  "once",
  {
    metadata: { namespace },
    spec: { template: { spec: { ...pod("once", "test/web:1", ["--once"]), restartPolicy: "Never" } } },
  },
  opts,
);

const definition = new kubernetes.apiextensions.v1.CustomResourceDefinition(
  "gadgets",
  {
    metadata: { name: "gadgets.test.example" },
    spec: {
      group: "test.example",
      scope: "Namespaced",
      names: { plural: "gadgets", singular: "gadget", kind: "Gadget" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
            },
          },
        },
      ],
    },
  },
  opts,
);
new kubernetes.apiextensions.CustomResource(
  "gadget",
  { apiVersion: "test.example/v1", kind: "Gadget", metadata: { namespace }, spec: { size: 3 } },
  { ...opts, dependsOn: definition },
);
