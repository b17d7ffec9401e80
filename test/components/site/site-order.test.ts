/** In which order a site's parts are created, and in reverse deleted. */
import { expect } from "chai";
import { made, ofType, only, settled, startMocks } from "../../support/pulumi-mocks.ts";
import { build } from "./full-site.ts";

const deployment = (name: string) => only("kubernetes:apps/v1:Deployment", name);
const cronJob = (name: string) => only("kubernetes:batch/v1:CronJob", name);
const server = () => only("kubernetes:apps/v1:StatefulSet");

describe("a site's order", () => {
  before(async () => {
    await startMocks();
    build();
    await settled();
  });

  it("puts what the stack waits for before every Kubernetes object", () => {
    const earlier = only("pulumi:providers:kubernetes", "earlier").urn;
    const objects = made.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(objects).to.have.length.greaterThan(50);
    for (const { dependencies, type, name } of objects) expect(dependencies, `${type} ${name}`).to.include(earlier);
  });

  const foundations = [
    "kubernetes:core/v1:ServiceAccount",
    "kubernetes:core/v1:LimitRange",
    "kubernetes:core/v1:ResourceQuota",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "kubernetes:scheduling.k8s.io/v1:PriorityClass",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
  ];

  for (const type of foundations) {
    it(`creates each ${type.split(":").at(-1)} before anything runs, and deletes it after`, () => {
      const urns = ofType(type).map(({ urn }) => urn);
      expect(urns).not.to.be.empty;
      for (const found of [server(), deployment("backend-api"), deployment("writer-guard"), cronJob("export")]) {
        expect(found.dependencies, found.name).to.include.members(urns);
      }
    });
  }

  it("starts services and jobs after the database", () => {
    for (const name of ["backend-api", "analytics", "writer-guard", "standby-sync"]) {
      expect(deployment(name).dependencies, name).to.include(server().urn);
    }
    for (const name of ["export", "export-changes", "restore-verify", "standby-promote"]) {
      expect(cronJob(name).dependencies, name).to.include(server().urn);
    }
  });
});
