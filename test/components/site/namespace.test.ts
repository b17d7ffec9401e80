import { expect } from "chai";
import { namespaceContents, siteNamespace } from "../../../components/site/namespace.ts";
import { jobKinds, jobServiceAccount, type Role } from "../../../contract/index.ts";
import { facts } from "../../support/fixtures.ts";
import { at, made, ofType, only, settled, startMocks } from "../../support/pulumi-mocks.ts";

describe("a site's namespace", () => {
  before(async () => {
    await startMocks();
    namespaceContents(facts(), {});
    await settled();
  });

  it("has one service account for each kind of job, one for services, one without rights", () => {
    const accounts = ofType("kubernetes:core/v1:ServiceAccount").map((found) => at(found, "metadata.name"));
    const expected = [...jobKinds.map(jobServiceAccount), "continuity-services", "continuity-jobs"];
    expect(accounts).to.have.members(expected);
  });

  it("limits the memory of a container that sets none", () => {
    const [limit, ...more] = at(only("kubernetes:core/v1:LimitRange"), "spec.limits") as Record<string, unknown>[];
    expect(more).to.be.empty;
    expect(limit).to.deep.include({ type: "Container", default: { memory: "256Mi" } });
  });

  it("reserves memory equal to that limit, so that the node cannot be overcommitted", () => {
    const [limit] = at(only("kubernetes:core/v1:LimitRange"), "spec.limits") as {
      default: { memory: string };
      defaultRequest: { cpu: string; memory: string };
    }[];
    expect(limit!.defaultRequest).to.deep.equal({ cpu: "50m", memory: limit!.default.memory });
    expect(limit!.default).not.to.have.property("cpu");
  });

  it("admits one load balancer and two volumes, and does not count pods, which a rollout doubles", () => {
    expect(at(only("kubernetes:core/v1:ResourceQuota"), "spec.hard")).to.deep.equal({
      "services.loadbalancers": "1",
      persistentvolumeclaims: "2",
    });
  });

  it("holds everything that it has", () => {
    for (const found of made) expect(at(found, "metadata.namespace"), found.name).to.equal("vapora");
  });
});

describe("a site's namespace on different roles", () => {
  for (const role of ["active", "standby", "isolated"] satisfies Role[]) {
    it(`enforces the restricted security level and carries the role ${role}`, async () => {
      await startMocks();
      siteNamespace(facts("primary", role), {});
      await settled();
      expect(at(only("kubernetes:core/v1:Namespace"), "metadata.labels")).to.include({
        "pod-security.kubernetes.io/enforce": "restricted",
        "continuity.vapora/site": "primary",
        "continuity.vapora/role": role,
      });
    });
  }
});
