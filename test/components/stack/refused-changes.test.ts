/** Each change of an existing stack that is refused, from what its state says. */
import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { readSettings, type Settings } from "../../../components/stack/index.ts";
import type { OwnState } from "../../../components/stack/own-state.ts";
import { isFailover, refusedChanges } from "../../../components/stack/refused-changes.ts";
import { weakerLockVariable } from "../../../components/stack/refused-changes-of-store.ts";
import { describeProblem, type Role, type SiteName, type StackPart } from "../../../contract/index.ts";
import { plan, stackConfig, withProject } from "../../support/fixtures.ts";
import { startMocks } from "../../support/pulumi-mocks.ts";

const lockType = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration";

const state = (site: SiteName, role: Role): OwnState => {
  const region = site === "primary" ? "eu-west-1" : "eu-central-1";
  return {
    outputs: { site, role, region, trafficSwitch: { alarm: "shop-alternate-serves-traffic", region: "eu-central-1" } },
    resources: [
      { type: "aws:eks/podIdentityAssociation:PodIdentityAssociation", outputs: { clusterName: `shop-${site}` } },
      {
        type: "kubernetes:apps/v1:StatefulSet",
        outputs: {
          spec: {
            volumeClaimTemplates: [
              { spec: { resources: { requests: { storage: "50Gi" } }, storageClassName: "fast" } },
            ],
          },
        },
      },
    ],
  };
};

const bucket = (name: string) => ({ type: "aws:s3/bucket:Bucket", outputs: { bucket: name } });

/** The shared stack's; without outputs, as after its resources were moved. */
const shared = (outputs: Record<string, unknown> = { site: "shared" }): OwnState => ({
  outputs,
  resources: [
    bucket("shop-recovery-points-eu-west-1"),
    bucket("shop-recovery-points-eu-central-1"),
    { type: lockType, outputs: { rule: { defaultRetention: { mode: "COMPLIANCE", days: 35 } } } },
  ],
});

const settingsOf = async (
  site: StackPart,
  role: Role | undefined,
  changes: Record<string, string> = {},
): Promise<Settings> => {
  await startMocks({}, { ...stackConfig(site, role), ...withProject(changes) });
  return readSettings(new pulumi.Config());
};

type Found = Record<"problems" | "unlessFailover", string[]>;

const refused = async (
  changes: Record<string, string>,
  before = state("primary", "active"),
  { role = "active" as Role | undefined, env = {} as NodeJS.ProcessEnv, otherPlan = plan } = {},
): Promise<Found> => {
  const site = (before.outputs["site"] ?? "primary") as StackPart;
  const { problems, unlessFailover } = refusedChanges(
    before,
    await settingsOf(site, site === "shared" ? undefined : role, changes),
    otherPlan,
    env,
  );
  return { problems: problems.map(describeProblem), unlessFailover: unlessFailover.map(describeProblem) };
};

const subscriber = JSON.stringify([{ protocol: "email", endpoint: "b@shop.example" }]);

const nothing: Found = { problems: [], unlessFailover: [] };

describe("a change of an existing stack", () => {
  const allowed: [string, Record<string, string>][] = [
    ["nothing", {}],
    ["a larger volume, which the claim decides about", { databaseStorage: "1Ti" }],
    ["the storage class that the claim has", { storageClassName: "fast" }],
    ["another image", { imageTag: "2.0.0" }],
  ];
  for (const [what, changes] of allowed) {
    it(`may be ${what}`, async () => expect(await refused(changes)).to.deep.equal(nothing));
  }

  it("may be anything before the first deployment", async () => {
    const changes = { namePrefix: "other", databaseStorage: "1Gi", storageClassName: "tape", lockMode: "GOVERNANCE" };
    expect(await refused(changes, { outputs: {}, resources: [] })).to.deep.equal(nothing);
  });

  const everywhere: [string, Record<string, string>, RegExp][] = [
    ["of the prefix", { namePrefix: "store" }, /^namePrefix is "store", but must stay shop, .+; restore it/],
    ["of the other region", { alternateRegion: "eu-north-1" }, /^alternateRegion is "eu-north-1", but must stay eu-c/],
    ["of the region", { primaryRegion: "eu-north-1" }, /^primaryRegion is "eu-north-1", but must stay eu-west-1/],
    [
      "of an active site's cluster",
      { clusterName: "blue" },
      /^clusterName is "blue", but must stay shop-primary .+; fail over/,
    ],
  ];
  for (const [what, changes, message] of everywhere) {
    it(`${what} is refused with one problem`, async () => {
      const { problems, unlessFailover } = await refused(changes);
      expect(unlessFailover).to.deep.equal([]);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(message);
    });
  }

  it("of prefix and region together names each", async () => {
    expect((await refused({ namePrefix: "store", primaryRegion: "eu-north-1" })).problems).to.have.length(2);
  });

  it("of the cluster is allowed where the site does not serve, or no longer", async () => {
    const changes = { clusterName: "blue" };
    for (const role of ["standby", "isolated"] as const) {
      expect(await refused(changes, state("primary", role), { role }), role).to.deep.equal(nothing);
    }
  });

  const patient: [string, Record<string, string>, RegExp][] = [
    ["of the storage class", { storageClassName: "tape" }, /^storageClassName is "tape", but must stay fast/],
    ["to a smaller volume", { databaseStorage: "49Gi" }, /^databaseStorage is "49Gi", but must be at least 50Gi/],
    ["to a smaller volume in another unit", { databaseStorage: "51199Mi" }, /must be at least 50Gi/],
  ];
  for (const [what, changes, message] of patient) {
    it(`${what} is refused, but delays no failover`, async () => {
      const { problems, unlessFailover } = await refused(changes);
      expect(problems).to.deep.equal([]);
      expect(unlessFailover).to.have.length(1);
      expect(unlessFailover[0]).to.match(message);
    });
  }

  it("of what the stack deploys would delete it, and is the only problem then", async () => {
    const { problems } = await refused({ site: "alternate", namePrefix: "store" });
    expect(problems).to.have.length(1);
    expect(problems[0]).to.match(/^site is "alternate", but must stay primary, which this stack deploys; everything/);
    expect((await refused({ site: "primary", role: "active" }, shared())).problems[0]).to.match(/but must stay shared/);
  });

  it("from two stacks to three is refused until the move, in any role", async () => {
    const before = state("primary", "standby");
    const owner = { ...before, resources: [...before.resources, ...shared().resources] };
    for (const role of ["active", "standby"] as const) {
      const { problems, unlessFailover } = await refused({}, owner, { role });
      expect(unlessFailover).to.deep.equal([]);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(/owns what both sites share, .+move-to-three-stacks\.md$/);
    }
  });

  it("is a failover only if it makes an existing site active", () => {
    const before = state("alternate", "standby");
    expect(isFailover(before, { role: "active" })).to.equal(true);
    expect(isFailover(before, { role: "isolated" })).to.equal(false);
    expect(isFailover(state("primary", "active"), { role: "active" })).to.equal(false);
    expect(isFailover({ outputs: {}, resources: [] }, { role: "active" })).to.equal(false);
  });
});

describe("a change of the existing shared stack", () => {
  it("may be nothing, a longer lock, or another subscriber; also right after the move", async () => {
    expect(await refused({}, shared())).to.deep.equal(nothing);
    expect(await refused({ lockDays: "36", alarmSubscribers: subscriber }, shared())).to.deep.equal(nothing);
    const moved = refusedChanges(shared({}), await settingsOf("shared", undefined), plan, {});
    expect(moved).to.deep.equal(nothing);
  });

  const names: [Record<string, string>, RegExp[]][] = [
    [
      { namePrefix: "store" },
      [/^namePrefix is "store", but must stay as in .+shop-recovery-points-eu-west-1; restore/],
    ],
    [{ primaryRegion: "eu-north-1" }, [/^primaryRegion is "eu-north-1"/]],
    [{ alternateRegion: "eu-north-1", namePrefix: "store" }, [/^alternateRegion is "eu-north-1"/, /^namePrefix/]],
  ];
  for (const [changes, expected] of names) {
    it(`of ${Object.keys(changes).join(" and ")} is refused, since it would replace the buckets`, async () => {
      const { problems } = await refused(changes, shared());
      expect(problems).to.have.length(expected.length);
      for (const [index, message] of expected.entries()) expect(problems[index]).to.match(message);
    });
  }

  const locks: [Record<string, string>, RegExp][] = [
    [{ lockMode: "GOVERNANCE" }, /COMPLIANCE for 35 days; correct lockMode/],
    [{ lockMode: "GOVERNANCE", lockDays: "1" }, /^lockMode is "GOVERNANCE for 1 days", but/],
  ];
  for (const [changes, message] of locks) {
    it(`to ${Object.values(changes).join(" ")} would weaken the lock, and is refused`, async () => {
      const { problems } = await refused(changes, shared());
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(message);
    });
  }

  it("of the plan to a shorter retention would shorten the lock, and is refused too", async () => {
    const retention = { ...plan.backups.retention, seconds: 34 * 86_400 };
    const otherPlan = { ...plan, backups: { ...plan.backups, retention } };
    expect((await refused({}, shared(), { otherPlan })).problems[0]).to.match(/"COMPLIANCE for 34 days"/);
  });

  it("to a weaker lock is possible where it is meant", async () => {
    const weaker = { lockMode: "GOVERNANCE" };
    expect(await refused(weaker, shared(), { env: { [weakerLockVariable]: "1" } })).to.deep.equal(nothing);
    expect((await refused(weaker, shared(), { env: { [weakerLockVariable]: "" } })).problems).to.have.length(1);
  });
});
