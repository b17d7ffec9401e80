import { expect } from "chai";
import { BackupStore, type BackupStoreArgs } from "../../../../components/shared/backup-store/index.ts";
import { accountId, refusal, regional, topology } from "../../../support/fixtures.ts";
import { at, made, ofType, only, settled, startMocks, valueOf } from "../../../support/pulumi-mocks.ts";

const args = (): BackupStoreArgs => ({
  topology,
  accountId,
  alternate: regional("alternate", topology.alternateRegion),
  retentionDays: 35,
  replicationBoundSeconds: 900,
});

const build = (changes: Partial<BackupStoreArgs> = {}): BackupStore =>
  new BackupStore("shop", { ...args(), ...changes }, { provider: regional("primary", topology.primaryRegion) });

const bucket = (site: string) => only("aws:s3/bucket:Bucket", `shop-${site}`);
/** Without one of these, a kept bucket would no longer keep its promise. */
const settingsOfBucket = [
  "Bucket",
  "BucketVersioning",
  "BucketObjectLockConfiguration",
  "BucketServerSideEncryptionConfiguration",
  "BucketPublicAccessBlock",
  "BucketOwnershipControls",
  "BucketPolicy",
  "BucketLifecycleConfiguration",
  "BucketReplicationConfig",
];

const alarms = () => ofType("aws:cloudwatch/metricAlarm:MetricAlarm");

describe("BackupStore", () => {
  let store: BackupStore;

  before(async () => {
    await startMocks();
    store = build({ alarmTopics: { primary: "arn:p", alternate: "arn:a" } });
    await settled();
  });

  it("creates one bucket in each region, with the shared names", async () => {
    expect([bucket("primary").provider, bucket("alternate").provider]).to.deep.equal(["primary", "alternate"]);
    expect(await valueOf(store.bucketNames.primary)).to.equal("shop-recovery-points-eu-west-1");
    expect(await valueOf(store.bucketNames.alternate)).to.equal("shop-recovery-points-eu-central-1");
  });

  it("creates no resource in an ambient region", () => {
    const ambient = made.filter(({ type, provider }) => type.startsWith("aws:") && provider === "");
    expect(ambient.map(({ name }) => name)).to.be.empty;
  });

  for (const site of ["primary", "alternate"]) {
    const part = (type: string) => only(type, `shop-${site}`);

    describe(`bucket of the ${site} region`, () => {
      it("has object lock from creation and is never emptied by Pulumi", () => {
        expect(bucket(site).inputs).to.include({ objectLockEnabled: true, forceDestroy: false });
      });

      it("is protected and outlives the program, with every setting and the replication", () => {
        const whole = made.filter(({ type, name }) => type.startsWith("aws:s3/") && name.includes(site));
        expect(whole.map(({ type }) => type.split(":").at(-1))).to.include.members(settingsOfBucket);
        for (const part of whole) expect(part, part.urn).to.include({ protect: true, retainOnDelete: true });
      });

      it("locks new objects for the retention period, for everyone", () => {
        const lock = part("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
        expect(at(lock, "rule.defaultRetention")).to.deep.equal({ mode: "COMPLIANCE", days: 35 });
      });

      it("keeps versions", () => {
        const versioning = part("aws:s3/bucketVersioning:BucketVersioning");
        expect(at(versioning, "versioningConfiguration.status")).to.equal("Enabled");
      });

      it("encrypts with its region's key and without a bucket key", () => {
        const type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
        const [rule] = part(type).inputs["rules"] as Record<string, unknown>[];
        expect(rule).to.have.property("bucketKeyEnabled", false);
        expect(rule).to.have.nested.property("applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms");
        const keyType = site === "primary" ? "aws:kms/key:Key" : "aws:kms/replicaKey:ReplicaKey";
        expect(rule).to.have.nested.property(
          "applyServerSideEncryptionByDefault.kmsMasterKeyId",
          `arn:mock:${keyType}:shop-${site}`,
        );
      });

      it("sets lock and lifecycle after versioning, and its policy after the block of public access", () => {
        const after = (type: string, first: string) =>
          expect(part(type).dependencies, type).to.include(part(first).urn);
        const versioning = "aws:s3/bucketVersioning:BucketVersioning";
        after("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", versioning);
        after("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", versioning);
        after("aws:s3/bucketPolicy:BucketPolicy", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
      });

      it("is private in all four ways", () => {
        const block = part("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs;
        const ways = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
        expect(ways.map((way) => block[way])).to.deep.equal([true, true, true, true]);
        const ownership = part("aws:s3/bucketOwnershipControls:BucketOwnershipControls");
        expect(at(ownership, "rule.objectOwnership")).to.equal("BucketOwnerEnforced");
      });

      it("refuses requests without TLS, for the bucket and its objects", () => {
        const policy = JSON.parse(String(part("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"]));
        expect(policy.Statement).to.have.length(2);
        const arn = `arn:aws:s3:::${String(bucket(site).inputs["bucket"])}`;
        expect(policy.Statement[0]).to.include({ Effect: "Deny", Principal: "*", Action: "s3:*" });
        expect(policy.Statement[0].Resource).to.deep.equal([arn, `${arn}/*`]);
        expect(policy.Statement[0].Condition).to.deep.equal({ Bool: { "aws:SecureTransport": "false" } });
      });

      it("lets nobody lock an object for longer than evidence is kept", () => {
        const policy = JSON.parse(String(part("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"]));
        expect(policy.Statement[1]).to.deep.equal({
          Sid: "NoEndlessLock",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:PutObjectRetention",
          Resource: `arn:aws:s3:::${String(bucket(site).inputs["bucket"])}/*`,
          Condition: { NumericGreaterThan: { "s3:object-lock-remaining-retention-days": "400" } },
        });
      });
    });
  }

  it("encrypts with one multi-Region key that is rotated, protected and slow to delete", () => {
    const key = only("aws:kms/key:Key");
    expect(key.inputs).to.include({ multiRegion: true, enableKeyRotation: true, deletionWindowInDays: 30 });
    const replica = only("aws:kms/replicaKey:ReplicaKey");
    expect(replica).to.include({ provider: "alternate", protect: true, retainOnDelete: true });
    expect(key).to.include({ provider: "primary", protect: true, retainOnDelete: true });
    expect(replica.inputs["primaryKeyArn"]).to.equal("arn:mock:aws:kms/key:Key:shop-primary");
  });

  it("returns each region's own key", async () => {
    expect(await valueOf(store.keyArns.primary)).to.equal("arn:mock:aws:kms/key:Key:shop-primary");
    expect(await valueOf(store.keyArns.alternate)).to.equal("arn:mock:aws:kms/replicaKey:ReplicaKey:shop-alternate");
  });

  it("leaves the use of both keys to IAM, and gives a deletion by mistake a month in both regions", () => {
    for (const key of [only("aws:kms/key:Key"), only("aws:kms/replicaKey:ReplicaKey")]) {
      const [statement, ...others] = JSON.parse(String(key.inputs["policy"])).Statement;
      expect(others).to.be.empty;
      expect(statement).to.deep.include({ Effect: "Allow", Action: "kms:*", Resource: "*" });
      expect(statement.Principal).to.deep.equal({ AWS: `arn:aws:iam::${accountId}:root` });
      expect(key.inputs["deletionWindowInDays"]).to.equal(30);
    }
  });

  it("owns every resource itself, so that what waits for it waits for all of them", () => {
    const parents = made.filter(({ name }) => name.startsWith("shop-")).map(({ parent }) => parent);
    expect(new Set(parents)).to.have.property("size", 1);
    expect(parents[0]).to.match(/continuity:backup-store:BackupStore::shop$/);
  });

  it("notifies each region's own topic", () => {
    const topics = alarms().map(({ provider, inputs }) => [provider, ...(inputs["alarmActions"] as string[])].join());
    expect(new Set(topics)).to.deep.equal(new Set(["primary,arn:p", "alternate,arn:a"]));
  });
});

describe("BackupStore, adjusted", () => {
  beforeEach(() => startMocks());

  it("can be unprotected, e.g. for a store used by one test", async () => {
    build({ protect: false, retainOnDelete: false });
    await settled();
    expect([bucket("primary"), bucket("alternate")].map(({ protect, retainOnDelete }) => protect || retainOnDelete))
      .to //
      .deep.equal([false, false]);
  });

  it("separates what is protected from what outlives the program, for keys and buckets", async () => {
    build({ protect: false });
    await settled();
    for (const type of ["aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"]) {
      for (const resource of ofType(type)) expect(resource).to.include({ protect: false, retainOnDelete: true });
    }
  });

  type Rule = { id: string; expiration: { days: number }; transitions?: { days: number }[] };
  const rules = (site: string) =>
    only("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", `shop-${site}`).inputs["rules"] as Rule[];

  const lifecycles: [what: string, changes: Partial<BackupStoreArgs>, evidence: number, transition?: number][] = [
    ["by default", {}, 401],
    ["with two months of retention", { retentionDays: 60 }, 401, 30],
    ["with evidence of two years", { evidenceDays: 730 }, 731],
    ["with a later transition", { retentionDays: 90, infrequentAccessAfterDays: 45 }, 401, 45],
    ["without a transition", { retentionDays: 90, infrequentAccessAfterDays: 0 }, 401],
  ];
  for (const [what, changes, evidence, transition] of lifecycles) {
    it(`applies one lifecycle in both regions ${what}`, async () => {
      build(changes);
      await settled();
      const found = (site: string, id: string) => rules(site).find((rule) => rule.id === id);
      expect(found("primary", "evidence")?.expiration.days).to.equal(evidence);
      expect(found("primary", "full-exports")?.transitions?.[0]?.days).to.equal(transition);
      expect(found("primary", "full-exports")?.expiration.days).to.equal((changes.retentionDays ?? 35) + 1);
      expect(rules("alternate")).to.deep.equal(rules("primary"));
    });
  }

  for (const [partition, primaryRegion, alternateRegion] of [
    ["aws-cn", "cn-north-1", "cn-northwest-1"],
    ["aws-us-gov", "us-gov-west-1", "us-gov-east-1"],
  ] as const) {
    it(`names everything in the partition ${partition} of its regions`, async () => {
      build({ topology: { namePrefix: "shop", primaryRegion, alternateRegion } });
      await settled();
      const written = JSON.stringify(made.map(({ inputs }) => inputs));
      expect(written.match(/arn:aws[a-z-]*:/g)).to.include(`arn:${partition}:`);
      expect(written).not.to.match(/arn:aws:(s3|iam|kms)/);
    });
  }

  it("can permit a special role to shorten a lock", async () => {
    build({ lockMode: "GOVERNANCE" });
    await settled();
    const locks = ofType("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
    expect(locks.map((lock) => at(lock, "rule.defaultRetention.mode"))).to.deep.equal(["GOVERNANCE", "GOVERNANCE"]);
  });

  it("can lock for less than the retention in mode GOVERNANCE, e.g. for a first try", async () => {
    build({ lockMode: "GOVERNANCE", lockDays: 1 });
    await settled();
    const locks = ofType("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
    expect(locks.map((lock) => at(lock, "rule.defaultRetention.days"))).to.deep.equal([1, 1]);
    expect(rules("primary").find(({ id }) => id === "full-exports")?.expiration.days).to.equal(36);
  });

  it("protects and keeps the replication's role, without which nothing is copied", async () => {
    build();
    await settled();
    for (const type of ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"]) {
      expect(only(type)).to.include({ protect: true, retainOnDelete: true });
    }
  });

  it("raises alarms without notification if there is no topic", async () => {
    build();
    await settled();
    expect(alarms().map(({ inputs }) => inputs["alarmActions"])).to.deep.equal(alarms().map(() => undefined));
    expect(alarms()).to.have.length(6);
  });

  it("supports changing a child through transforms", async () => {
    const provider = regional("primary", topology.primaryRegion);
    new BackupStore("shop", args(), {
      provider,
      transformations: [
        ({ type, props, opts }) =>
          type === "aws:s3/bucket:Bucket" ? { props: { ...props, tags: { team: "dba" } }, opts } : undefined,
      ],
    });
    await settled();
    expect(bucket("alternate").inputs["tags"]).to.deep.equal({ team: "dba" });
  });
});

describe("BackupStore, refused", () => {
  beforeEach(() => startMocks());

  const cases: [string, Partial<BackupStoreArgs>, string][] = [
    ["one region for both", { topology: { ...topology, alternateRegion: "eu-west-1" } }, "topology.alternateRegion"],
    ["upper case in the prefix", { topology: { ...topology, namePrefix: "Shop" } }, "topology.namePrefix"],
    ["no retention", { retentionDays: 0 }, "retentionDays"],
    ["half a day of retention", { retentionDays: 0.5 }, "retentionDays"],
    ["a lock shorter than the retention that nobody could lift", { lockDays: 1 }, "lockDays"],
    ["a lock longer than the retention", { lockMode: "GOVERNANCE", lockDays: 36 }, "lockDays"],
    ["half a day of lock", { lockMode: "GOVERNANCE", lockDays: 0.5 }, "lockDays"],
    ["a replication bound that S3 does not guarantee", { replicationBoundSeconds: 600 }, "replicationBoundSeconds"],
    ["an unknown replication bound", { replicationBoundSeconds: Number.NaN }, "replicationBoundSeconds"],
    ["a transition before S3 accepts it", { infrequentAccessAfterDays: 5 }, "infrequentAccessAfterDays"],
    ["a transition that costs more than it saves", { infrequentAccessAfterDays: 30 }, "infrequentAccessAfterDays"],
    [
      "half a day before a transition",
      { retentionDays: 90, infrequentAccessAfterDays: 30.5 },
      "infrequentAccessAfterDays",
    ],
    ["a transition after the lock", { retentionDays: 90, infrequentAccessAfterDays: 61 }, "infrequentAccessAfterDays"],
    ["half a day of evidence", { evidenceDays: 400.5 }, "evidenceDays"],
    [
      "an alternate region that makes the bucket's name too long",
      { topology: { ...topology, alternateRegion: `eu-${"x".repeat(60)}-1` } },
      "topology.namePrefix",
    ],
    ["evidence retained shorter than recovery points", { evidenceDays: 34 }, "evidenceDays"],
  ];

  for (const [what, changes, argument] of cases) {
    it(what, () => {
      expect(refusal(() => build(changes))).to.match(new RegExp(`\\n {2}${argument} is .+, but must .+; .+`));
    });
  }

  const limits: [what: string, changes: Partial<BackupStoreArgs>][] = [
    ["the bound that S3 promises", { replicationBoundSeconds: 900 }],
    ["the earliest transition", { retentionDays: 60, infrequentAccessAfterDays: 30 }],
    ["the latest transition", { retentionDays: 90, infrequentAccessAfterDays: 60 }],
    ["evidence for as long as recovery points", { evidenceDays: 35 }],
  ];
  for (const [what, changes] of limits) {
    it(`but not with ${what}`, async () => {
      build(changes);
      await settled();
      expect(ofType("aws:s3/bucket:Bucket")).to.have.length(2);
    });
  }

  it("but not with the shortest retention", async () => {
    build({ retentionDays: 1 });
    await settled();
    expect(ofType("aws:s3/bucket:Bucket")).to.have.length(2);
  });

  it("reports all problems at once and creates nothing", async () => {
    const message = refusal(() => build({ retentionDays: -1, replicationBoundSeconds: 0, evidenceDays: -2 }));
    expect(message).to.contain('BackupStore "shop": 3 problem(s)');
    await settled();
    expect(ofType("aws:s3/bucket:Bucket")).to.be.empty;
  });
});
