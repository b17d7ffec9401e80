import { expect } from "chai";
import { PodIdentities, SiteRoles } from "../../../components/identity/index.ts";
import { accountId, regional, topology } from "../../support/fixtures.ts";
import { ofType, only, settled, startMocks } from "../../support/pulumi-mocks.ts";

const keyArns = { primary: "arn:key:primary", alternate: "arn:key:alternate" };

interface Statement {
  Sid: string;
  Action: string[];
  Resource: string;
  Condition?: unknown;
}

const statementsOf = (name: string): Statement[] =>
  JSON.parse(String(only("aws:iam/rolePolicy:RolePolicy", name).inputs["policy"])).Statement;

const provider = () => regional("primary", topology.primaryRegion);

describe("SiteRoles of the alternate site", () => {
  before(async () => {
    await startMocks();
    new SiteRoles("alternate", { topology, accountId, site: "alternate", keyArns }, { provider: provider() });
    await settled();
  });

  const own = "arn:aws:s3:::shop-recovery-points-eu-central-1";
  const other = "arn:aws:s3:::shop-recovery-points-eu-west-1";
  const jobs = () => statementsOf("alternate-jobs");
  const granted = (resource: string) =>
    jobs()
      .filter(({ Resource }) => Resource === resource)
      .flatMap(({ Action }) => Action);

  it("have the names that both stacks know", () => {
    const names = ofType("aws:iam/role:Role").map(({ inputs }) => inputs["name"]);
    expect(names).to.have.members(["shop-jobs-alternate", "shop-services-alternate"]);
  });

  it("can be taken by pods of this account only", () => {
    for (const { inputs } of ofType("aws:iam/role:Role")) {
      const [statement] = JSON.parse(String(inputs["assumeRolePolicy"])).Statement;
      expect(statement.Principal).to.deep.equal({ Service: "pods.eks.amazonaws.com" });
      expect(statement.Condition).to.deep.equal({ StringEquals: { "aws:SourceAccount": accountId } });
    }
  });

  it("let jobs write at home and read both copies", () => {
    expect(granted(`${own}/*`)).to.include.members(["s3:PutObject", "s3:GetObject"]);
    expect(granted(`${other}/*`))
      .to.include("s3:GetObject")
      .and.not.include("s3:PutObject");
    expect([granted(own), granted(other)].every((actions) => actions.includes("s3:ListBucket"))).to.equal(true);
  });

  it("let jobs use both keys to read and their own to write", () => {
    expect(granted(keyArns.alternate)).to.include.members(["kms:Decrypt", "kms:GenerateDataKey"]);
    expect(granted(keyArns.primary)).to.deep.equal(["kms:Decrypt"]);
  });

  it("let nobody delete, unlock or change a setting", () => {
    const actions = [...jobs(), ...statementsOf("alternate-services")].flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /Delete|Bypass|\*|PutBucket|PutLifecycle|PutReplication/.test(action))).to.be
      .empty;
  });

  it("let jobs publish in the one namespace of this project", () => {
    const publish = jobs().find(({ Action }) => Action.includes("cloudwatch:PutMetricData"));
    expect(publish?.Condition).to.deep.equal({ StringEquals: { "cloudwatch:namespace": "VaporaContinuity" } });
  });

  it("let jobs and services read the access keys in their own region", () => {
    const secret = `arn:aws:secretsmanager:eu-central-1:${accountId}:secret:shop/database-access-keys-??????`;
    expect(granted(secret)).to.deep.equal(["secretsmanager:GetSecretValue"]);
    expect(statementsOf("alternate-services").map(({ Resource }) => Resource)).to.have.members([
      secret,
      keyArns.alternate,
    ]);
  });
});

describe("PodIdentities", () => {
  before(async () => {
    await startMocks();
    new PodIdentities(
      "alternate",
      { topology, accountId, site: "alternate", clusterName: "shop-alternate" },
      { provider: regional("alternate", topology.alternateRegion) },
    );
    await settled();
  });

  it("tie both service accounts to the roles of the site, by name", () => {
    const ties = ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation").map(({ inputs }) => inputs);
    expect(ties).to.have.deep.members([
      {
        clusterName: "shop-alternate",
        namespace: "vapora",
        serviceAccount: "continuity-jobs",
        roleArn: `arn:aws:iam::${accountId}:role/shop-jobs-alternate`,
      },
      {
        clusterName: "shop-alternate",
        namespace: "vapora",
        serviceAccount: "continuity-services",
        roleArn: `arn:aws:iam::${accountId}:role/shop-services-alternate`,
      },
    ]);
  });

  it("name the roles as SiteRoles makes them", async () => {
    const named = ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation").map(({ inputs }) =>
      String(inputs["roleArn"]).split("/").at(-1),
    );
    await startMocks();
    new SiteRoles("alternate", { topology, accountId, site: "alternate", keyArns }, { provider: provider() });
    await settled();
    expect(ofType("aws:iam/role:Role").map(({ inputs }) => inputs["name"])).to.have.members(named);
  });
});
