import { expect } from "chai";
import { jobPod, jobPodMetadata, type JobPodArgs } from "../../../../components/site/jobs/job-pod.ts";
import { jobKinds } from "../../../../contract/index.ts";
import { facts } from "../../../support/fixtures.ts";

const podOf = (changes: Partial<JobPodArgs> = {}) =>
  structuredClone(
    jobPod({
      facts: { ...facts(), namespace: "shop" },
      name: "export",
      identity: "export",
      image: "registry/jobs:1",
      command: ["export", "--changes"],
      env: [{ name: "SITE", value: "primary" }],
      restartPolicy: "Never",
      ...changes,
    }),
  ) as unknown as Record<string, never>;

const containerOf = (changes: Partial<JobPodArgs> = {}) => podOf(changes)["containers"]![0]! as Record<string, unknown>;

describe("a continuity job's pod", () => {
  for (const kind of jobKinds) {
    it(`runs as the service account of ${kind} if it is of that kind`, () => {
      expect(podOf({ identity: kind })["serviceAccountName"]).to.equal(`continuity-${kind}`);
    });
  }

  it("runs as the account without rights if it needs none", () => {
    expect(podOf({ identity: "none" })["serviceAccountName"]).to.equal("continuity-jobs");
  });

  it("gets no token of the Kubernetes API", () => {
    expect(podOf()["automountServiceAccountToken"]).to.equal(false);
  });

  it("ranks with the most critical tier of its namespace", () => {
    expect(podOf()["priorityClassName"]).to.equal("shop-tier-1");
  });

  it("runs as a non-root user, with no privileges", () => {
    expect(podOf()["securityContext"]).to.deep.include({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(containerOf()["securityContext"]).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("does not change the owner of every file of a volume at each start", () => {
    expect(podOf()["securityContext"]).to.include({ fsGroupChangePolicy: "OnRootMismatch" });
  });

  it("has one container, called job, with the image, the command and the environment", () => {
    expect(podOf()["containers"]).to.have.length(1);
    expect(containerOf()).to.include({ name: "job", image: "registry/jobs:1" });
    expect(containerOf()["args"]).to.deep.equal(["export", "--changes"]);
    expect(containerOf()["env"]).to.deep.equal([{ name: "SITE", value: "primary" }]);
  });

  for (const [resources, cpu, memory] of [
    [undefined, "250m", "512Mi"],
    [{ cpu: "2", memory: "4Gi" }, "2", "4Gi"],
  ] as const) {
    it(`reserves ${cpu} CPU and ${memory} memory ${resources ? "if asked to" : "by default"}, limiting memory`, () => {
      expect(containerOf({ resources })["resources"]).to.deep.equal({
        requests: { cpu, memory },
        limits: { memory },
      });
    });
  }

  it("writes temporary files to a volume, since its root file system is read-only", () => {
    expect(containerOf()["volumeMounts"]).to.deep.equal([{ name: "tmp", mountPath: "/tmp" }]);
    expect(podOf()["volumes"]).to.deep.equal([{ name: "tmp", emptyDir: {} }]);
  });

  it("adds other volumes beside that one", () => {
    const volumes = podOf({ volumes: [{ name: "scratch", emptyDir: {} }] })["volumes"] as unknown as { name: string }[];
    expect(volumes.map(({ name }) => name)).to.deep.equal(["tmp", "scratch"]);
  });

  it("starts its sidecars before the job, as init containers", () => {
    expect(podOf()["initContainers"]).to.equal(undefined);
    expect(podOf({ sidecars: [{ name: "side" }] })["initContainers"]).to.deep.equal([{ name: "side" }]);
  });

  for (const restartPolicy of ["Never", "Always"] as const) {
    it(`restarts ${restartPolicy.toLowerCase()} if so asked`, () => {
      expect(podOf({ restartPolicy })["restartPolicy"]).to.equal(restartPolicy);
    });
  }

  it("is labelled as part of the continuity jobs, which network policies select", () => {
    expect(jobPodMetadata("export").labels).to.deep.equal({
      "app.kubernetes.io/name": "export",
      "app.kubernetes.io/part-of": "continuity",
    });
  });

  it("is evicted neither by Karpenter nor by the cluster autoscaler", () => {
    expect(jobPodMetadata("export").annotations).to.deep.equal({
      "karpenter.sh/do-not-disrupt": "true",
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    });
  });
});
