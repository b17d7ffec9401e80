import { expect } from "chai";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import { Site, siteImages, type SiteArgs } from "../../../components/site/index.ts";
import { accountId, plan, refusal, regional, topology } from "../../support/fixtures.ts";
import { at, made, ofType, only, settled, startMocks, type Made } from "../../support/pulumi-mocks.ts";
import { containerOf, podOf } from "./jobs/support.ts";

const images = siteImages({ imageRegistry: "registry", imageTag: "7", databaseImage: "surrealdb/surrealdb:v3.0.3" });

const build = (changes: Partial<SiteArgs> = {}): Site =>
  new Site(
    "alternate",
    {
      topology,
      site: "alternate",
      role: "standby",
      namespace: "vapora",
      databaseNamespace: "vapora",
      accountId,
      clusterName: "shop-alternate",
      plan,
      images,
      siteHostname: "alternate.api.shop.example",
      alarmSubscribers: [{ protocol: "email", endpoint: "on-call@shop.example" }],
      databaseStorage: "50Gi",
      ...changes,
    },
    { providers: [regional("alternate", topology.alternateRegion), new KubernetesProvider("cluster", {})] },
  );

const kubernetesObjects = (): Made[] => made.filter(({ type }) => /^kubernetes:(?!core\/v1:Secret$)/.test(type));
const policy = (name: string) => only("kubernetes:networking.k8s.io/v1:NetworkPolicy", name);

describe("Site", () => {
  before(async () => {
    await startMocks();
    build();
    await settled();
  });

  it("creates everything in its own region and cluster", () => {
    const strays = made.filter(
      ({ type, provider }) =>
        (type.startsWith("aws:") && provider !== "alternate") ||
        (type.startsWith("kubernetes:") && provider !== "cluster"),
    );
    expect(strays.map(({ name }) => name)).to.be.empty;
  });

  it("gives every pod a service account of the site, and each kind of job its own", () => {
    const accounts = ofType("kubernetes:core/v1:ServiceAccount").map(({ name }) => name);
    const pods = made.filter(({ type }) => /:(CronJob|Deployment|Job)$/.test(type));
    const used = pods.map((found) => [found.name, podOf(found)["serviceAccountName"]] as const);
    for (const [name, account] of used) if (account !== undefined) expect(accounts, name).to.include(account);
    const jobs = used.filter(
      ([, account]) => String(account).startsWith("continuity-") && account !== "continuity-services",
    );
    expect(Object.fromEntries(jobs)).to.include({
      export: "continuity-export",
      "export-changes": "continuity-export",
      "restore-verify": "continuity-restore-verify",
      "standby-sync": "continuity-standby-sync",
      "standby-promote": "continuity-promote",
      "recovery-point-watch": "continuity-watch",
      "database-prepare": "continuity-jobs",
    });
  });

  it("labels its namespace with site and role", () => {
    expect(at(only("kubernetes:core/v1:Namespace"), "metadata.labels")).to.deep.equal({
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/enforce-version": "latest",
      "continuity.vapora/site": "alternate",
      "continuity.vapora/role": "standby",
    });
  });

  it("creates every namespaced object in that namespace, after it", () => {
    const namespace = only("kubernetes:core/v1:Namespace");
    const clusterWide = ["kubernetes:core/v1:Namespace", "kubernetes:scheduling.k8s.io/v1:PriorityClass"];
    for (const found of kubernetesObjects().filter(({ type }) => !clusterWide.includes(type))) {
      expect(at(found, "metadata.namespace"), found.name).to.equal("vapora");
      expect(found.dependencies, found.name).to.include(namespace.urn);
    }
  });

  it("names every object explicitly, since commands and the other stack use the names", () => {
    const unnamed = kubernetesObjects().filter((found) => typeof at(found, "metadata.name") !== "string");
    expect(unnamed.map(({ name }) => name)).to.be.empty;
  });

  it("has the service account and priority class of every pod", () => {
    const accounts = ofType("kubernetes:core/v1:ServiceAccount").map(({ name }) => name);
    const classes = ofType("kubernetes:scheduling.k8s.io/v1:PriorityClass").map((found) => at(found, "metadata.name"));
    for (const found of kubernetesObjects().filter((candidate) => podOf(candidate) !== undefined)) {
      const pod = podOf(found);
      if (pod["serviceAccountName"]) expect(accounts).to.include(pod["serviceAccountName"]);
      expect(classes, found.name).to.include(pod["priorityClassName"]);
    }
  });

  it("gives no pod a Kubernetes API token, and runs each as a non-root user", () => {
    const pods = kubernetesObjects().flatMap((found) => podOf(found) ?? []);
    expect(pods).to.have.length.greaterThan(15);
    for (const pod of pods) {
      expect(pod).to.have.property("automountServiceAccountToken", false);
      expect(pod).to.have.nested.property("securityContext.runAsUser", 65532);
    }
    for (const account of ofType("kubernetes:core/v1:ServiceAccount")) {
      expect(account.inputs["automountServiceAccountToken"]).to.equal(false);
    }
  });

  it("starts services and jobs after the database is prepared", () => {
    const prepared = only("kubernetes:batch/v1:Job").urn;
    for (const name of ["backend-api", "standby-sync", "recovery-point-watch"]) {
      expect(only("kubernetes:apps/v1:Deployment", name).dependencies, name).to.include(prepared);
    }
  });

  it("runs the configured images", () => {
    const image = (name: string) => containerOf(only("kubernetes:apps/v1:Deployment", name)).image;
    expect(image("backend-api")).to.equal("registry/backend-api:7");
    expect(image("standby-sync")).to.equal("registry/continuity-jobs:7");
  });

  it("denies all traffic that no policy permits", () => {
    const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
    expect(policy("deny-all").inputs["spec"]).to.deep.equal(spec);
  });

  it("permits DNS without DNS pods, as on EKS Auto Mode", () => {
    const rules = at(policy("resolve-names"), "spec.egress") as { to?: unknown[]; ports: { port: number }[] }[];
    expect(rules.find(({ ports }) => ports.some(({ port }) => port === 53))).not.to.have.property("to");
  });

  it("selects existing pods with its policies", () => {
    const selected = (labels: Record<string, string>) =>
      kubernetesObjects().some((found) => {
        const own = (at(found, "spec.template.metadata.labels") ??
          at(found, "spec.jobTemplate.spec.template.metadata.labels")) as Record<string, string> | undefined;
        return own !== undefined && Object.entries(labels).every(([key, value]) => own[key] === value);
      });
    for (const found of ofType("kubernetes:networking.k8s.io/v1:NetworkPolicy")) {
      const labels = (at(found, "spec.podSelector.matchLabels") ?? {}) as Record<string, string>;
      expect(selected(labels), found.name).to.equal(true);
    }
  });

  it("sends its alarms to a topic in its own region", () => {
    expect(only("aws:sns/topic:Topic").inputs["name"]).to.equal("shop-continuity-alarms");
    const alarms = ofType("aws:cloudwatch/metricAlarm:MetricAlarm");
    for (const { inputs } of alarms) {
      expect(inputs["alarmActions"]).to.deep.equal(["arn:mock:aws:sns/topic:Topic:alternate"]);
    }
  });
});

describe("Site with a store of its own stack", () => {
  it("exports nothing before the store replicates, and delays nothing else", async () => {
    await startMocks();
    const store = regional("store", "eu-west-1");
    build({ store });
    await settled();
    const waits = (type: string, name: string) => only(type, name).dependencies.some((urn) => urn.endsWith("::store"));
    expect(waits("kubernetes:batch/v1:CronJob", "export")).to.equal(true);
    expect(waits("kubernetes:apps/v1:Deployment", "backend-api")).to.equal(false);
  });
});

describe("Site, refused", () => {
  for (const clusterName of ["", "-shop", "a b"]) {
    it(`${JSON.stringify(clusterName)} as the name of its cluster`, async () => {
      await startMocks();
      expect(refusal(() => build({ clusterName }))).to.contain("must be an EKS cluster name");
    });
  }
});
