import { expect } from "chai";
import { Database, type DatabaseArgs } from "../../../../components/site/database/index.ts";
import type { Role } from "../../../../contract/index.ts";
import { facts, refusal } from "../../../support/fixtures.ts";
import { at, made, ofType, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";

const build = (role: Role = "active", changes: Partial<DatabaseArgs> = {}): Database =>
  new Database("primary", {
    facts: facts("primary", role),
    image: "surrealdb/surrealdb:v3.0.3",
    jobsImage: "registry/continuity-jobs:1",
    storage: "50Gi",
    ...changes,
  });

const server = () => only("kubernetes:apps/v1:StatefulSet", "surrealdb");
const container = () => (at(server(), "spec.template.spec.containers") as Record<string, unknown>[])[0]!;
const prepare = () => only("kubernetes:batch/v1:Job", "database-prepare");

describe("Database", () => {
  before(async () => {
    await startMocks();
    build();
    await settled();
  });

  it("starts one server on the storage engine whose exports are consistent", () => {
    expect(at(server(), "spec.replicas")).to.equal(1);
    expect(container()["args"]).to.deep.equal(["start", "--bind", "[::]:8000", "rocksdb:/data/vapora.db"]);
  });

  it("provides the server's root user from a secret", () => {
    const from = (key: string) => ({ secretKeyRef: { name: "surrealdb-root", key } });
    expect(container()["env"]).to.deep.equal([
      { name: "SURREAL_USER", valueFrom: from("username") },
      { name: "SURREAL_PASS", valueFrom: from("password") },
    ]);
  });

  it("has two users with separate secret passwords", () => {
    for (const name of ["surrealdb-root", "surrealdb-services"]) {
      const secret = only("kubernetes:core/v1:Secret", name);
      expect(secret.secretInputs, name).to.include("stringData");
      expect(at(secret, "stringData.password")).to.match(/^password-of-primary-/);
    }
    const password = (name: string) => at(only("kubernetes:core/v1:Secret", name), "stringData.password");
    expect(password("surrealdb-root")).not.to.equal(password("surrealdb-services"));
  });

  it("has strong passwords without shell metacharacters", () => {
    const made = ofType("random:index/randomPassword:RandomPassword").map(({ inputs }) => inputs);
    expect(made).to.deep.equal([1, 2].map(() => ({ length: 32, special: false })));
  });

  it("keeps the volume when the server is removed", () => {
    expect(at(server(), "spec.persistentVolumeClaimRetentionPolicy"))
      .to //
      .deep.equal({ whenDeleted: "Retain", whenScaled: "Retain" });
    const [claim] = at(server(), "spec.volumeClaimTemplates") as Record<string, never>[];
    expect(claim).to.have.nested.property("spec.resources.requests.storage", "50Gi");
  });

  it("is ready when the server reports it, and is not killed while it recovers", () => {
    expect(container()).to.have.nested.property("readinessProbe.httpGet.path", "/health");
    expect(container()).to.have.nested.property("startupProbe.failureThreshold").that.is.at.least(120);
  });

  it("is not evicted by node replacement", () => {
    expect(at(server(), "spec.template.metadata.annotations")).to.include({ "karpenter.sh/do-not-disrupt": "true" });
  });

  it("listens on the name used by jobs and services", () => {
    const service = only("kubernetes:core/v1:Service", "surrealdb");
    expect(at(service, "spec.ports")).to.deep.equal([{ name: "http", port: 8000, targetPort: 8000 }]);
    expect(at(service, "spec.selector")).to.deep.equal(at(server(), "spec.selector.matchLabels"));
  });

  it("prepares the empty database after the server is ready", () => {
    expect(prepare().dependencies).to.include(server().urn);
    const [job] = at(prepare(), "spec.template.spec.containers") as Record<string, unknown>[];
    expect(job!["args"]).to.deep.equal(["prepare-database"]);
  });

  it("does not prepare again when the role changes", () => {
    expect(prepare().ignoreChanges).to.deep.equal(["spec.template.spec.containers[0].env[0].value"]);
    const [job] = at(prepare(), "spec.template.spec.containers") as { env: { name: string }[] }[];
    expect(job!.env[0]!.name).to.equal("SITE_ROLE");
  });

  it("retries while the database starts, for ten minutes", () => {
    expect(at(prepare(), "spec.backoffLimit")).to.equal(5);
    expect(at(prepare(), "spec.activeDeadlineSeconds")).to.equal(600);
  });

  it("is kept after completion, or the next refresh would recreate it", () => {
    expect(at(prepare(), "spec.ttlSecondsAfterFinished")).to.equal(undefined);
  });
});

describe("Database on different roles", () => {
  it("is the same server", async () => {
    const servers = [];
    for (const role of ["active", "standby", "isolated"] as const) {
      await startMocks();
      build(role);
      await settled();
      servers.push(JSON.stringify(server().inputs));
    }
    expect(new Set(servers)).to.have.property("size", 1);
  });
});

describe("Database, adjusted and refused", () => {
  beforeEach(() => startMocks());

  it("accepts a storage class for a cluster without a default", async () => {
    build("active", { storageClassName: "auto-ebs" });
    await settled();
    const [claim] = at(server(), "spec.volumeClaimTemplates") as Record<string, never>[];
    expect(claim).to.have.nested.property("spec.storageClassName", "auto-ebs");
  });

  for (const storage of ["", "50", "50 Gi", "0Gi", "-1Gi", "50GB"]) {
    it(`rejects ${JSON.stringify(storage)} as a size`, async () => {
      expect(refusal(() => build("active", { storage }))).to.contain("must be a size such as 50Gi");
      await settled();
      expect(made.filter(({ type }) => type.startsWith("kubernetes:"))).to.be.empty;
    });
  }
});
