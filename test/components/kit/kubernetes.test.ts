import { expect } from "chai";
import fc from "fast-check";
import {
  containerSecurity,
  credentialsEnv,
  databaseServer,
  doNotDisrupt,
  env,
  fieldEnv,
  labelsOf,
  podSecurity,
  priorityClassName,
  resourcesOf,
  selectorOf,
  siteLabels,
  temporaryFiles,
  type Container,
} from "../../../components/kit/kubernetes/index.ts";

const server = (): Container =>
  databaseServer({
    name: "scratch",
    image: "surrealdb:x",
    volume: "data",
    folder: "points",
    resources: { cpu: "500m", memory: "1Gi" },
  });

type Probe = Record<"periodSeconds" | "failureThreshold", number> & { httpGet: unknown };

describe("pods", () => {
  it("meet the security level restricted", () => {
    expect(podSecurity).to.deep.include({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(containerSecurity).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("run as one numeric user that is not root and owns their volumes", () => {
    const { runAsUser, runAsGroup, fsGroup, fsGroupChangePolicy } = podSecurity;
    expect(runAsUser).to.be.a("number").above(0);
    expect([runAsGroup, fsGroup]).to.deep.equal([runAsUser, runAsUser]);
    expect(fsGroupChangePolicy, "or each start walks through the whole volume").to.equal("OnRootMismatch");
  });

  it("stay where they are until they are done, by both autoscalers' annotations", () => {
    expect(doNotDisrupt["karpenter.sh/do-not-disrupt"]).to.equal("true");
    expect(doNotDisrupt["cluster-autoscaler.kubernetes.io/safe-to-evict"]).to.equal("false");
  });

  it("may exceed their CPU share, but not their memory", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,4}m$/), fc.stringMatching(/^\d{1,4}Mi$/), (cpu, memory) => {
        expect(resourcesOf({ cpu, memory })).to.deep.equal({ requests: { cpu, memory }, limits: { memory } });
      }),
    );
  });

  it("get plain values in their order, and facts about themselves", () => {
    expect(env({ B: "1", A: "2" })).to.deep.equal([
      { name: "B", value: "1" },
      { name: "A", value: "2" },
    ]);
    expect(fieldEnv("IP", "status.podIP")).to.have.nested.property("valueFrom.fieldRef.fieldPath", "status.podIP");
  });

  it("get user name and password from one secret, never as plain values", () => {
    const entries = credentialsEnv("DATABASE", "s");
    expect(entries.map(({ name, valueFrom }) => [name, valueFrom])).to.deep.equal([
      ["DATABASE_USERNAME", { secretKeyRef: { name: "s", key: "username" } }],
      ["DATABASE_PASSWORD", { secretKeyRef: { name: "s", key: "password" } }],
    ]);
  });
});

describe("the database server", () => {
  it("stores its data with rocksdb in its folder of the volume", () => {
    expect(server().args).to.deep.equal(["start", "--bind", "[::]:8000", "rocksdb:/data/points"]);
    expect(server().volumeMounts).to.deep.include({ name: "data", mountPath: "/data" });
  });

  it("has room for temporary files beside its read-only file system", () => {
    expect(server().securityContext).to.equal(containerSecurity);
    expect(server().volumeMounts).to.include(temporaryFiles.mount);
    expect(temporaryFiles.mount.name).to.equal(temporaryFiles.volume.name);
  });

  it("takes its root user from the root secret", () => {
    expect(server().env).to.deep.equal([
      { name: "SURREAL_USER", valueFrom: { secretKeyRef: { name: "surrealdb-root", key: "username" } } },
      { name: "SURREAL_PASS", valueFrom: { secretKeyRef: { name: "surrealdb-root", key: "password" } } },
    ]);
  });

  it("is asked for its health at its own port by all three probes", () => {
    const { startupProbe, readinessProbe, livenessProbe, ports } = server();
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      expect((probe as Probe).httpGet).to.deep.equal({ path: "/health", port: "http" });
    }
    expect(ports).to.deep.equal([{ name: "http", containerPort: 8000 }]);
  });

  it("has minutes to recover its storage before it is restarted", () => {
    const { periodSeconds, failureThreshold } = server().startupProbe as Probe;
    expect(periodSeconds * failureThreshold).to.be.at.least(300);
  });

  it("is not restarted for a pause under load", () => {
    const { periodSeconds, failureThreshold } = server().livenessProbe as Probe;
    expect(periodSeconds * failureThreshold).to.be.at.least(60);
  });

  it("is limited in memory", () => expect(server().resources).to.deep.include({ limits: { memory: "1Gi" } }));
});

describe("labels", () => {
  it("select by name alone, so that what an application is part of may change", () => {
    expect(selectorOf("account")).to.deep.equal({ "app.kubernetes.io/name": "account" });
    expect(labelsOf("account", "platform")).to.deep.equal({
      ...selectorOf("account"),
      "app.kubernetes.io/part-of": "platform",
    });
  });

  it("name a site and its role", () => {
    expect(siteLabels("alternate", "standby")).to.deep.equal({
      "continuity.vapora/site": "alternate",
      "continuity.vapora/role": "standby",
    });
  });
});

describe("priority classes", () => {
  it("of two namespaces or tiers never share a name, since they are cluster-wide", () => {
    const namespaces = fc.constantFrom("shop", "shop-tier", "drill");
    const tiers = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(namespaces, tiers, namespaces, tiers, (one, tier, other, otherTier) => {
        const same = one === other && tier === otherTier;
        expect(priorityClassName(one, tier) === priorityClassName(other, otherTier)).to.equal(same);
      }),
    );
    expect(priorityClassName("shop", 1)).to.equal("shop-tier-1");
  });
});
