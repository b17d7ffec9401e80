import { expect } from "chai";
import { servicePod } from "../../../../components/site/platform/service-pod.ts";
import type { ServiceWorkloadArgs } from "../../../../components/site/platform/service-arguments.ts";
import { writesStopWithinSeconds } from "../../../../contract/index.ts";

const argsOf = (changes: Partial<ServiceWorkloadArgs> = {}): ServiceWorkloadArgs => ({
  namespace: "shop",
  id: "checkout",
  tier: 1,
  image: "registry/checkout:1",
  replicas: 2,
  env: [{ name: "PORT", value: "8080" }],
  port: 8080,
  needsKeys: true,
  paths: { alive: "/live", ready: "/ready" },
  resources: { cpu: "250m", memory: "300Mi" },
  ...changes,
});

interface Probe {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  timeoutSeconds?: number;
  failureThreshold?: number;
}

interface ServiceContainer {
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
  lifecycle: { preStop: { sleep: { seconds: number } } };
}

/** As plain data: a pod made of plain values contains no outputs. */
const podOf = (changes: Partial<ServiceWorkloadArgs> = {}) =>
  structuredClone(servicePod(argsOf(changes))) as unknown as Record<string, never>;
const containerOf = (changes: Partial<ServiceWorkloadArgs> = {}) =>
  podOf(changes)["containers"]![0]! as ServiceContainer;

/** What Kubernetes assumes when a probe does not set it. */
const defaultFailureThreshold = 3;

describe("a service's pod", () => {
  it("has an AWS identity only if it reads keys", () => {
    expect(podOf({ needsKeys: true })["serviceAccountName"]).to.equal("continuity-services");
    expect(podOf({ needsKeys: false })["serviceAccountName"]).to.equal(undefined);
  });

  for (const tier of [1, 2, 3]) {
    it(`has the rank of tier ${tier}`, () => {
      expect(podOf({ tier })["priorityClassName"]).to.equal(`shop-tier-${tier}`);
    });
  }

  it("gets no token of the Kubernetes API", () => {
    expect(podOf()["automountServiceAccountToken"]).to.equal(false);
  });

  it("complies with the restricted security level", () => {
    expect(podOf()["securityContext"]).to.deep.include({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(containerOf()).to.have.deep.property("securityContext", {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("can write temporary files although its root file system is read-only", () => {
    expect(containerOf()).to.have.deep.property("volumeMounts", [{ name: "tmp", mountPath: "/tmp" }]);
    expect(podOf()["volumes"]).to.deep.equal([{ name: "tmp", emptyDir: {} }]);
  });

  it("reserves its CPU and memory, and limits memory only", () => {
    expect(containerOf()).to.have.deep.property("resources", {
      requests: { cpu: "250m", memory: "300Mi" },
      limits: { memory: "300Mi" },
    });
  });

  it("runs the service's image with its environment", () => {
    expect(containerOf()).to.include({ name: "checkout", image: "registry/checkout:1" });
    expect(containerOf()).to.have.deep.property("env", [{ name: "PORT", value: "8080" }]);
  });

  it("listens on the port that the network policies open", () => {
    expect(containerOf()).to.have.deep.property("ports", [{ name: "http", containerPort: 8080 }]);
  });

  it("spreads its own pods over zones and nodes evenly", () => {
    const rules = podOf()["topologySpreadConstraints"] as unknown as { topologyKey: string; maxSkew: number }[];
    expect(rules.map(({ topologyKey }) => topologyKey)).to.have.members([
      "topology.kubernetes.io/zone",
      "kubernetes.io/hostname",
    ]);
    for (const rule of rules) {
      expect(rule.maxSkew).to.equal(1);
      expect(rule).to.have.deep.property("labelSelector", { matchLabels: { "app.kubernetes.io/name": "checkout" } });
    }
  });
});

describe("a service's probes", () => {
  it("separate being alive from being ready, on the service's port", () => {
    const { startupProbe, readinessProbe, livenessProbe } = containerOf();
    expect(startupProbe.httpGet).to.deep.equal({ path: "/live", port: "http" });
    expect(livenessProbe.httpGet).to.deep.equal({ path: "/live", port: "http" });
    expect(readinessProbe.httpGet).to.deep.equal({ path: "/ready", port: "http" });
  });

  it("give a start one minute, checked every second, before the pod is restarted", () => {
    const { periodSeconds, failureThreshold = defaultFailureThreshold } = containerOf().startupProbe;
    expect(periodSeconds).to.equal(1);
    expect(periodSeconds * failureThreshold).to.equal(60);
  });

  for (const [tier, seconds] of [
    [1, 1],
    [2, 2],
    [3, 2],
  ] as const) {
    it(`check readiness every ${seconds} s in tier ${tier}, with a response time of at most 2 s`, () => {
      expect(containerOf({ tier }).readinessProbe).to.include({ periodSeconds: seconds, timeoutSeconds: 2 });
    });
  }

  it("restart a hung pod only after it failed for more than one slow response", () => {
    const { periodSeconds, timeoutSeconds, failureThreshold = defaultFailureThreshold } = containerOf().livenessProbe;
    expect({ periodSeconds, timeoutSeconds }).to.deep.equal({ periodSeconds: 10, timeoutSeconds: 5 });
    expect(failureThreshold).to.be.greaterThan(1);
  });
});

describe("a service's termination", () => {
  const drain = () => containerOf().lifecycle.preStop.sleep.seconds;
  const grace = () => Number(podOf()["terminationGracePeriodSeconds"]);

  it("serves for five more seconds, until load balancers stop sending", () => {
    expect(drain()).to.equal(5);
  });

  it("leaves 15 s after that for requests under way", () => {
    expect(grace() - drain()).to.equal(15);
  });

  it("ends before the time within which a replaced site has stopped writing", () => {
    expect(grace()).to.be.at.most(writesStopWithinSeconds);
  });
});
