/** Names that two stacks, their jobs and their commands derive independently of each other. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import {
  alarmTopicArn,
  bucketArn,
  jobCommands,
  jobKinds,
  jobRoleArn,
  jobServiceAccount,
  jobsImage,
  kindOfJob,
  kubernetesNames,
  otherSite,
  partitionOf,
  planPath,
  projectAbove,
  recoveryPointBucket,
  replicaSite,
  reservedNames,
  servicesRoleArn,
  siteEndpoint,
  standbyEvidenceKey,
  workloadOf,
  writingSite,
  type Role,
  type SiteName,
  type Topology,
} from "../../contract/index.ts";
import { accountId, facts, topology } from "../support/fixtures.ts";

const partitions: [partition: string, regions: Pick<Topology, "primaryRegion" | "alternateRegion">][] = [
  ["aws", { primaryRegion: "us-east-2", alternateRegion: "us-west-2" }],
  ["aws-cn", { primaryRegion: "cn-north-1", alternateRegion: "cn-northwest-1" }],
  ["aws-us-gov", { primaryRegion: "us-gov-west-1", alternateRegion: "us-gov-east-1" }],
];

describe("names in AWS", () => {
  for (const [partition, regions] of partitions) {
    it(`lie in the partition ${partition} of their regions`, () => {
      const there = { ...topology, ...regions };
      expect(partitionOf(regions.primaryRegion)).to.equal(partition);
      expect(alarmTopicArn(there, accountId, "alternate"))
        .to //
        .equal(`arn:${partition}:sns:${regions.alternateRegion}:${accountId}:shop-continuity-alarms`);
      expect(jobRoleArn(there, accountId, "alternate", "export"))
        .to //
        .equal(`arn:${partition}:iam::${accountId}:role/shop-export-alternate`);
      expect(servicesRoleArn(there, accountId, "primary"))
        .to //
        .equal(`arn:${partition}:iam::${accountId}:role/shop-services-primary`);
      expect(bucketArn(partition, "points")).to.equal(`arn:${partition}:s3:::points`);
    });
  }

  it("put each bucket's region into its name, as bucket names are global", () => {
    expect(recoveryPointBucket(topology, "primary")).to.equal("shop-recovery-points-eu-west-1");
    expect(recoveryPointBucket(topology, "alternate")).to.equal("shop-recovery-points-eu-central-1");
  });

  it("differ between any two jobs and sites", () => {
    const sites = ["primary", "alternate"] as const;
    const arns = sites.flatMap((site) => [
      servicesRoleArn(topology, accountId, site),
      ...jobKinds.map((kind) => jobRoleArn(topology, accountId, site, kind)),
    ]);
    expect(new Set(arns)).to.have.property("size", 2 * (jobKinds.length + 1));
  });
});

describe("the sites", () => {
  const roles: [SiteName, Role, SiteName][] = [
    ["primary", "active", "primary"],
    ["primary", "standby", "alternate"],
    ["primary", "isolated", "alternate"],
    ["alternate", "active", "alternate"],
    ["alternate", "standby", "primary"],
    ["alternate", "isolated", "primary"],
  ];
  for (const [site, role, writer] of roles) {
    it(`have ${writer} as the writer while ${site} is ${role}, and the copies at the other one`, () => {
      expect(writingSite(site, role)).to.equal(writer);
      expect(replicaSite(facts(site, role))).to.equal(otherSite(writer));
    });
  }
});

describe("names in the cluster", () => {
  it("run what holds data under the database's name, whatever its id", () => {
    expect(workloadOf({ id: "main-store", holdsData: true })).to.deep.equal({ kind: "StatefulSet", name: "surrealdb" });
    expect(workloadOf({ id: "account", holdsData: false })).to.deep.equal({ kind: "Deployment", name: "account" });
  });

  it("reserve every job's name and the database's", () => {
    const own = [...Object.keys(jobCommands), kubernetesNames.database, kubernetesNames.databasePrepare];
    expect(reservedNames).to.include.members(own);
    expect(reservedNames).to.include(kubernetesNames.jobsServiceAccount);
  });

  it("give each kind of job an account of its own", () => {
    expect(new Set(jobKinds.map(jobServiceAccount))).to.have.property("size", jobKinds.length);
    expect(new Set(jobKinds.map(jobServiceAccount))).not.to.include(kubernetesNames.jobsServiceAccount);
  });

  it("let only the template of a failover promote, with the right to name the writer", () => {
    const promoting = Object.entries(jobCommands).filter(([, words]) =>
      (words as readonly string[]).includes("--promote"),
    );
    expect(promoting).to.deep.equal([["standby-promote", ["standby-sync", "--once", "--promote"]]]);
    const named = Object.entries(kindOfJob).filter(([, kind]) => kind === "promote");
    expect(named).to.deep.equal([["standby-promote", "promote"]]);
  });

  it("name the jobs' image by registry and tag", () => {
    expect(jobsImage({ imageRegistry: "registry.example/shop", imageTag: "2.1" }))
      .to //
      .equal("registry.example/shop/continuity-jobs:2.1");
  });
});

describe("a site's endpoint", () => {
  it("speaks TLS exactly where there is a certificate", () => {
    expect(siteEndpoint("arn:aws:acm:eu-west-1:123456789012:certificate/x"))
      .to //
      .deep.equal({ scheme: "https", port: 443 });
    expect(siteEndpoint(undefined)).to.deep.equal({ scheme: "http", port: 80 });
  });
});

describe("the key of evidence", () => {
  it("is a JSON file below the standby's prefix, one for each slot", () => {
    const slots = fc.stringMatching(/^\d{8}T\d{6}Z$/);
    fc.assert(
      fc.property(slots, slots, (one, other) => {
        expect(standbyEvidenceKey(one)).to.equal(`evidence/standby-sync/${one}.json`);
        expect(standbyEvidenceKey(one) === standbyEvidenceKey(other)).to.equal(one === other);
      }),
    );
  });
});

describe("the project's directory", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "project-"));
    mkdirSync(join(root, "policies", "rules"), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("is the nearest one with a Pulumi.yaml", () => {
    writeFileSync(join(root, "Pulumi.yaml"), "name: outer\n");
    expect(projectAbove(join(root, "policies", "rules"))).to.equal(root);
    writeFileSync(join(root, "policies", "Pulumi.yaml"), "name: inner\n");
    expect(projectAbove(join(root, "policies", "rules"))).to.equal(join(root, "policies"));
    expect(projectAbove(root)).to.equal(root);
  });

  it("may not exist", () => expect(projectAbove(join(root, "policies"))).to.equal(undefined));

  it("holds the plan, unless the configuration names another file", () => {
    expect(planPath(root)).to.equal(join(root, "plan", "continuity.yaml"));
    expect(planPath(root, "plans/small.yaml")).to.equal(join(root, "plans", "small.yaml"));
    expect(planPath(join(root, "policies"), "../small.yaml")).to.equal(join(root, "small.yaml"));
  });
});
