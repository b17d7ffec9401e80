import { expect } from "chai";
import { SiteRoles } from "../../../../components/shared/identity/index.ts";
import { PodIdentities } from "../../../../components/site/index.ts";
import { jobKinds, jobRoleName, type JobKind } from "../../../../contract/index.ts";
import { accountId, regional, topology } from "../../../support/fixtures.ts";
import { ofType, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";

const keyArns = { primary: "arn:key:primary", alternate: "arn:key:alternate" };

interface Statement {
  Sid: string;
  Action: string[];
  Resource: string | string[];
  Condition?: unknown;
}

const statementsOf = (name: string): Statement[] =>
  JSON.parse(String(only("aws:iam/rolePolicy:RolePolicy", name).inputs["policy"])).Statement;

const provider = () => regional("primary", topology.primaryRegion);

const own = "arn:aws:s3:::shop-recovery-points-eu-central-1";
const other = "arn:aws:s3:::shop-recovery-points-eu-west-1";

/** One object key of each prefix, as written by jobs and commands. */
const keys = {
  full: "points/full/20261123T130000Z/manifest.json",
  changes: "points/changes/20261123T131000Z/manifest.json",
  standbyEvidence: "evidence/standby-sync/20261123T130000Z.json",
  restoreEvidence: "evidence/restore-verify/20261123T130000Z.json",
  failoverEvidence: "evidence/failover/20261123T130000Z.json",
  writer: "control/writer.json",
  decision: "control/decisions/full-20261123T130000Z.json",
};
type Key = keyof typeof keys;

const list = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

/** IAM's matching of a resource and a pattern. */
const matches = (pattern: string, resource: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(resource);

const may = (kind: JobKind, action: string, resource: string): boolean =>
  statementsOf(`alternate-${kind}`).some(
    (statement) =>
      list(statement.Action).includes(action) && list(statement.Resource).some((pattern) => matches(pattern, resource)),
  );

describe("SiteRoles of the alternate site", () => {
  before(async () => {
    await startMocks();
    new SiteRoles("alternate", { topology, accountId, site: "alternate", keyArns }, { provider: provider() });
    await settled();
  });

  it("have the names shared by both stacks", () => {
    const names = ofType("aws:iam/role:Role").map(({ inputs }) => inputs["name"]);
    expect(names).to.have.members([...jobKinds, "services"].map((kind) => `shop-${kind}-alternate`));
  });

  it("stay within IAM's length limit with the longest prefix", () => {
    const longest = { ...topology, namePrefix: "a".repeat(24) };
    for (const kind of jobKinds) expect(jobRoleName(longest, "alternate", kind)).to.have.length.at.most(64);
  });

  it("can be assumed by pods of this account only", () => {
    for (const { inputs } of ofType("aws:iam/role:Role")) {
      const [statement] = JSON.parse(String(inputs["assumeRolePolicy"])).Statement;
      expect(statement.Effect).to.equal("Allow");
      expect(statement.Action).to.have.members(["sts:AssumeRole", "sts:TagSession"]);
      expect(statement.Principal).to.deep.equal({ Service: "pods.eks.amazonaws.com" });
      expect(statement.Condition).to.deep.equal({ StringEquals: { "aws:SourceAccount": accountId } });
    }
  });

  const everything = Object.keys(keys) as Key[];
  const table: Record<JobKind, Record<"ownWrites" | "otherWrites" | "ownReads" | "otherReads", Key[]>> = {
    export: { ownWrites: ["full", "changes"], otherWrites: [], ownReads: everything, otherReads: [] },
    "standby-sync": { ownWrites: ["standbyEvidence"], otherWrites: [], ownReads: everything, otherReads: [] },
    "restore-verify": {
      ownWrites: ["restoreEvidence"],
      otherWrites: [],
      ownReads: everything,
      otherReads: everything,
    },
    promote: {
      ownWrites: ["standbyEvidence", "writer"],
      otherWrites: [],
      ownReads: everything,
      otherReads: [],
    },
    watch: { ownWrites: [], otherWrites: [], ownReads: everything, otherReads: [] },
    guard: { ownWrites: [], otherWrites: [], ownReads: ["writer"], otherReads: ["writer"] },
    switch: { ownWrites: [], otherWrites: [], ownReads: ["writer"], otherReads: ["writer"] },
  };

  for (const kind of jobKinds) {
    for (const [key, path] of Object.entries(keys) as [Key, string][]) {
      it(`permit ${kind} on ${path.replace(/2026.+/, "…")} exactly what it needs`, () => {
        const { ownWrites, otherWrites, ownReads, otherReads } = table[kind];
        expect(may(kind, "s3:PutObject", `${own}/${path}`), "writes its own").to.equal(ownWrites.includes(key));
        expect(may(kind, "s3:PutObject", `${other}/${path}`), "writes the other").to.equal(otherWrites.includes(key));
        expect(may(kind, "s3:GetObject", `${own}/${path}`), "reads its own").to.equal(ownReads.includes(key));
        expect(may(kind, "s3:GetObject", `${other}/${path}`), "reads the other").to.equal(otherReads.includes(key));
      });
    }

    it(`permit ${kind} to list what it reads, and to use the keys of what it reads and writes`, () => {
      const { ownWrites, otherWrites, ownReads, otherReads } = table[kind];
      expect(may(kind, "s3:ListBucket", own)).to.equal(ownReads.length > 0);
      expect(may(kind, "s3:ListBucket", other)).to.equal(otherReads.length > 0);
      expect(may(kind, "kms:Decrypt", keyArns.alternate)).to.equal(ownReads.length > 0);
      expect(may(kind, "kms:Decrypt", keyArns.primary)).to.equal(otherReads.length > 0);
      expect(may(kind, "kms:GenerateDataKey", keyArns.alternate)).to.equal(ownWrites.length > 0);
      expect(may(kind, "kms:GenerateDataKey", keyArns.primary)).to.equal(otherWrites.length > 0);
    });

    const namespace = kind === "switch" ? "VaporaContinuity/TrafficSwitch" : "VaporaContinuity";
    it(`permit ${kind} to publish in ${namespace} and nowhere else`, () => {
      const publish = statementsOf(`alternate-${kind}`).filter(({ Action }) =>
        Action.includes("cloudwatch:PutMetricData"),
      );
      expect(publish.map(({ Condition }) => Condition)).to.deep.equal([
        { StringEquals: { "cloudwatch:namespace": namespace } },
      ]);
    });
  }

  it("let only the traffic watch move users, and read where they go", () => {
    const switchers = [...jobKinds, "services"].filter((kind) =>
      JSON.stringify(statementsOf(`alternate-${kind}`)).includes("VaporaContinuity/TrafficSwitch"),
    );
    expect(switchers).to.deep.equal(["switch"]);
    const alarm = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:shop-alternate-serves-traffic";
    const readers = jobKinds.filter((kind) => may(kind, "cloudwatch:DescribeAlarms", alarm));
    expect(readers).to.deep.equal(["switch"]);
    expect(may("switch", "cloudwatch:DescribeAlarms", `${alarm}-2`)).to.equal(false);
  });

  it("grant these actions and no other, and deny nothing", () => {
    const all = [...jobKinds, "services"].flatMap((kind) => statementsOf(`alternate-${kind}`));
    expect(new Set(all.map((statement) => (statement as unknown as { Effect: string }).Effect)))
      .to //
      .deep.equal(new Set(["Allow"]));
    expect(new Set(all.flatMap(({ Action }) => Action))).to.deep.equal(
      new Set([
        "s3:ListBucket",
        "s3:GetObject",
        "s3:GetObjectRetention",
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "cloudwatch:PutMetricData",
        "cloudwatch:DescribeAlarms",
        "secretsmanager:GetSecretValue",
      ]),
    );
  });

  it("permit the guard to read the writer record itself and no key that begins like it", () => {
    expect(may("guard", "s3:GetObject", `${own}/control/writer.json`)).to.equal(true);
    expect(may("guard", "s3:GetObject", `${own}/control/writer.json.old`)).to.equal(false);
    expect(may("promote", "s3:PutObject", `${own}/control/writer.json.old`)).to.equal(false);
  });

  it("attach each policy to the role of its kind, under the component", () => {
    for (const kind of [...jobKinds, "services"]) {
      const policy = only("aws:iam/rolePolicy:RolePolicy", `alternate-${kind}`);
      expect(policy.inputs["role"]).to.equal(`alternate-${kind}-id`);
      expect(policy.parent).to.match(/continuity:identity:SiteRoles::alternate$/);
      expect(only("aws:iam/role:Role", `alternate-${kind}`).parent).to.equal(policy.parent);
    }
  });

  it("permit services to decrypt the access keys, not to encrypt or change them", () => {
    expect(statementsOf("alternate-services").map(({ Action }) => Action)).to.deep.equal([
      ["secretsmanager:GetSecretValue"],
      ["kms:Decrypt"],
    ]);
  });

  it("never permit one job to both write recovery points and their evidence", () => {
    const both = jobKinds.filter(
      (kind) =>
        (["full", "changes"] as const).some((key) => may(kind, "s3:PutObject", `${own}/${keys[key]}`)) &&
        (["standbyEvidence", "restoreEvidence"] as const).some((key) =>
          may(kind, "s3:PutObject", `${own}/${keys[key]}`),
        ),
    );
    expect(both).to.be.empty;
  });

  it("permit no deletion, unlocking or settings change", () => {
    const actions = [...jobKinds, "services"].flatMap((kind) =>
      statementsOf(`alternate-${kind}`).flatMap(({ Action }) => Action),
    );
    expect(
      actions.filter((action) => /Delete|Bypass|\*|PutBucket|PutLifecycle|PutReplication|PutObject.+/.test(action)),
    )
      .to //
    .be.empty;
  });

  it("permit services, restoring jobs and the export to read the access keys in their own region", () => {
    const secret = `arn:aws:secretsmanager:eu-central-1:${accountId}:secret:shop/database-access-keys-`;
    const readers = jobKinds.filter((kind) => may(kind, "secretsmanager:GetSecretValue", `${secret}a1b2c3`));
    expect(readers).to.have.members(["export", "standby-sync", "restore-verify", "promote"]);
    expect(statementsOf("alternate-services").map(({ Resource }) => Resource)).to.have.members([
      `${secret}??????`,
      keyArns.alternate,
    ]);
  });
});

describe("SiteRoles elsewhere", () => {
  it("name buckets and secrets in the partition and region of their site", async () => {
    await startMocks();
    const there = { namePrefix: "shop", primaryRegion: "cn-north-1", alternateRegion: "cn-northwest-1" };
    new SiteRoles("primary", { topology: there, accountId, site: "primary", keyArns }, { provider: provider() });
    await settled();
    const resources = statementsOf("primary-restore-verify").flatMap(({ Resource }) => Resource);
    expect(resources).to.include.members([
      "arn:aws-cn:s3:::shop-recovery-points-cn-north-1",
      "arn:aws-cn:s3:::shop-recovery-points-cn-northwest-1",
      `arn:aws-cn:secretsmanager:cn-north-1:${accountId}:secret:shop/database-access-keys-??????`,
    ]);
    expect(resources.filter((resource) => resource.startsWith("arn:aws:"))).to.be.empty;
  });
});

describe("PodIdentities", () => {
  before(async () => {
    await startMocks();
    new PodIdentities(
      "alternate",
      { topology, accountId, site: "alternate", namespace: "vapora", clusterName: "shop-alternate" },
      { provider: regional("alternate", topology.alternateRegion) },
    );
    await settled();
  });

  it("associate each service account with the site's matching role, by name", () => {
    const ties = ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation").map(({ inputs }) => inputs);
    expect(ties).to.have.deep.members(
      [...jobKinds, "services"].map((kind) => ({
        clusterName: "shop-alternate",
        namespace: "vapora",
        serviceAccount: `continuity-${kind}`,
        roleArn: `arn:aws:iam::${accountId}:role/shop-${kind}-alternate`,
      })),
    );
  });

  it("use the role names of SiteRoles", async () => {
    const named = ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation").map(({ inputs }) =>
      String(inputs["roleArn"]).split("/").at(-1),
    );
    await startMocks();
    new SiteRoles("alternate", { topology, accountId, site: "alternate", keyArns }, { provider: provider() });
    await settled();
    expect(ofType("aws:iam/role:Role").map(({ inputs }) => inputs["name"])).to.have.members(named);
  });
});
