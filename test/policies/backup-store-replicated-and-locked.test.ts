import { expect } from "chai";
import { backupStoreReplicatedAndLocked as policy } from "../../policies/backup-store-replicated-and-locked.ts";
import { listAt, textAt } from "../../policies/reading/index.ts";
import { goodStack, renamed, set, violations, without, type Change, type Resource } from "./support.ts";

const bucket = "aws:s3/bucket:Bucket";
const versioning = "aws:s3/bucketVersioning:BucketVersioning";
const lock = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration";
const replication = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";
const there = "shop-primary-to-alternate";
const back = "shop-alternate-to-primary";

const rule = (path: string, value: unknown, name = there): Change => set(replication, name, `rules.0.${path}`, value);

const find = (resources: Resource[], type: string, name: string): Resource =>
  resources.find((resource) => resource.type === type && resource.name === name)!;

const exportsTo =
  (name: string, variable: string, value: string | undefined): Change =>
  (resources) => {
    const job = find(resources, "kubernetes:batch/v1:CronJob", name);
    const [container] = listAt(job.props, "spec.jobTemplate.spec.template.spec.containers");
    const entry = listAt(container, "env").find((found) => textAt(found, "name") === variable);
    (entry as { value?: string | undefined }).value = value;
  };

describe("policy backup-store-replicated-and-locked", () => {
  it("is mandatory", () => {
    expect(policy.enforcementLevel).to.equal("mandatory");
  });

  for (const stack of [
    ["shared"],
    ["primary", "active"],
    ["primary", "isolated"],
    ["alternate", "standby"],
    ["alternate", "active"],
  ] as const) {
    it(`passes the program's own stack: ${stack.join(", ")}`, async () => {
      expect(await violations(policy, stack)).to.be.empty;
    });
  }

  const cases: [string, Change, RegExp][] = [
    [
      "no replication to the alternate region",
      without(replication, there),
      /^1 resources of type .+; keep the BackupStore/,
    ],
    ["no replication back, which a failover needs", without(replication, back), /^1 resources of type .+ at least two/],
    ["a renamed replication type", renamed(replication), /^0 resources of type/],
    [
      "a disabled rule",
      rule("status", "Disabled"),
      /status is "Disabled", it must be "Enabled", or nothing is copied; set it/,
    ],
    ["a rule for some objects only", rule("filter.prefix", "points/"), /filter.prefix is "points\/"/],
    [
      "replicated deletions",
      rule("deleteMarkerReplication.status", "Enabled"),
      /or a deletion propagates to the other copy/,
    ],
    [
      "skipped encrypted objects",
      rule("sourceSelectionCriteria.sseKmsEncryptedObjects", undefined),
      /sseKmsEncryptedObjects.status is missing/,
    ],
    [
      "locks on one side only",
      rule("sourceSelectionCriteria.replicaModifications.status", "Disabled"),
      /or a longer lock is not replicated back/,
    ],
    [
      "no replication time control",
      rule("destination.replicationTime", undefined),
      /destination.replicationTime.status is missing/,
    ],
    [
      "a time that S3 rejects during deployment",
      rule("destination.replicationTime.time.minutes", 30),
      /minutes is 30, it must be 15/,
    ],
    [
      "replicas without a key of their region",
      rule("destination.encryptionConfiguration", undefined),
      /encryptionConfiguration.replicaKmsKeyId is missing, .+; set the destination/,
    ],
    [
      "replicas with encryption settings without a key",
      rule("destination.encryptionConfiguration", {}),
      /encryptionConfiguration.replicaKmsKeyId is missing/,
    ],
    [
      "two pairs of buckets that replicate one way each",
      (resources) => {
        set(replication, back, "bucket", "shop-other")(resources);
        const other = structuredClone(find(resources, bucket, "shop-alternate"));
        other.props["bucket"] = "shop-other";
        resources.push(other);
      },
      /shop-primary-to-alternate: no replication back from shop-recovery-points-eu-central-1.+; replicate both ways/,
    ],
    ["no metrics", rule("destination.metrics.status", "Disabled"), /or failures and delays go unnoticed/],
    [
      "the same on the way back",
      rule("destination.metrics", undefined, back),
      /shop-alternate-to-primary: destination.metrics.status is missing/,
    ],
    [
      "a second rule",
      (resources) => void (find(resources, replication, there).props["rules"] as unknown[]).push({}),
      /2 rules, one for all objects/,
    ],
    ["no rule at all", set(replication, there, "rules", []), /0 rules/],
    [
      "replication to a bucket outside of the stack",
      rule("destination.bucket", "arn:aws:s3:::elsewhere"),
      /to an unknown region.+; give the destination/,
    ],
    [
      "replication onto itself",
      rule("destination.bucket", "arn:aws:s3:::shop-recovery-points-eu-west-1"),
      /copies from eu-west-1 to eu-west-1/,
    ],
    [
      "both buckets in one region",
      (resources) => void (find(resources, bucket, "shop-alternate").provider = { props: { region: "eu-west-1" } }),
      /copies from eu-west-1 to eu-west-1, it must be two buckets/,
    ],
    [
      "an unknown region",
      (resources) => void delete find(resources, bucket, "shop-alternate").provider,
      /to an unknown region/,
    ],
    [
      "a bucket that cannot be locked",
      set(bucket, "shop-alternate", "objectLockEnabled", false),
      /shop-alternate: objectLockEnabled is not true; .+ create a new bucket/,
    ],
    ["a renamed bucket type", renamed(bucket), /copies from an unknown region to an unknown region/],
    [
      "suspended versions",
      set(versioning, "shop-primary", "versioningConfiguration.status", "Suspended"),
      /shop-primary: no aws:s3\/bucketVersioning.+; .+enable versioning/,
    ],
    ["a renamed versioning type", renamed(versioning), /no aws:s3\/bucketVersioning/],
    [
      "a lock shorter than the retention",
      set(lock, "shop-alternate", "rule.defaultRetention.days", 34),
      /lock is COMPLIANCE for 34 days .+ want COMPLIANCE for 35 days; lock at least as strictly and as long/,
    ],
    [
      "a lock of unknown length",
      set(lock, "shop-primary", "rule.defaultRetention.days", undefined),
      /for unknown days/,
    ],
    ["a lock without effect", set(lock, "shop-primary", "rule.defaultRetention.mode", "NONE"), /lock is NONE/],
    ["no lock", without(lock, "shop-primary"), /shop-primary: default lock is missing/],
    ["a renamed lock type", renamed(lock), /default lock is missing/],
    [
      "an unprotected bucket",
      (resources) => void (find(resources, bucket, "shop-primary").opts.protect = false),
      /shop-primary: it is not protected.+; set protect/,
    ],
  ];

  for (const [what, change, message] of cases) {
    it(`stops ${what}`, async () => {
      const reported = await violations(policy, ["shared"], change);
      expect(reported.map((violation) => violation.message).join("\n")).to.match(new RegExp(message.source, "m"));
    });
  }

  const misled: [string, Change, RegExp][] = [
    [
      "exports into a bucket that nobody copies",
      exportsTo("export", "BUCKET", "scratch"),
      /^export: writes scratch in eu-west-1, which is not the replicated store's bucket .+, shop-recovery-points-eu-west-1 in eu-west-1; export there/,
    ],
    [
      "change exports into a bucket without replication",
      exportsTo("export-changes", "BUCKET", "scratch"),
      /^export-changes: writes scratch/,
    ],
    [
      "exports with a wrong bucket region",
      exportsTo("export", "BUCKET_REGION", "eu-north-1"),
      /^export: writes shop-recovery-points-eu-west-1 in eu-north-1/,
    ],
    ["exports with an unknown bucket", exportsTo("export", "BUCKET", undefined), /^export: writes an unknown bucket/],
    [
      "exports into the other region's bucket",
      (resources) => {
        exportsTo("export", "BUCKET", "shop-recovery-points-eu-central-1")(resources);
        exportsTo("export", "BUCKET_REGION", "eu-central-1")(resources);
      },
      /^export: writes shop-recovery-points-eu-central-1 in eu-central-1, which is not/,
    ],
  ];
  for (const [what, change, message] of misled) {
    it(`stops ${what}`, async () => {
      const reported = await violations(policy, ["primary", "active"], change);
      expect(reported.map((violation) => violation.message).join("\n")).to.match(message);
    });
  }

  it("stops exports of the alternate site that would miss the store after a failover", async () => {
    const change = exportsTo("export", "BUCKET", "shop-recovery-points-eu-west-1");
    const reported = await violations(policy, ["alternate", "standby"], change);
    expect(reported.map(({ message }) => message)).to.have.length(1);
  });

  it("stops a store whose buckets have other names than the sites' exports write", async () => {
    const reported = await violations(policy, ["shared"], undefined, { namePrefix: "store" });
    expect(reported.map(({ message }) => message)).to.deep.equal(
      [
        ["store-recovery-points-eu-west-1", "eu-west-1", "primary"],
        ["store-recovery-points-eu-central-1", "eu-central-1", "alternate"],
      ].map(
        ([bucket, region, site]) =>
          `no bucket "${bucket}" in ${region} in the replicated store, but the exports of the ${site} site write there; ` +
          "keep the names and regions that the BackupStore derives from the configuration",
      ),
    );
  });

  it("stops a store with the regions of its buckets exchanged", async () => {
    const config = { primaryRegion: "eu-central-1", alternateRegion: "eu-west-1" };
    const change: Change = (resources) => {
      for (const name of ["shop-primary", "shop-alternate"]) {
        const { provider } = find(resources, bucket, name);
        provider!.props["region"] = provider!.props["region"] === "eu-west-1" ? "eu-central-1" : "eu-west-1";
      }
    };
    const reported = await violations(policy, ["shared"], change, config);
    expect(reported.map(({ message }) => message).join()).to.match(
      /no bucket .+ in eu-central-1 in the replicated store/,
    );
  });

  it("judges a store in a site's stack too, although it needs none", async () => {
    const shared = await goodStack("shared");
    const change: Change = (resources) => {
      resources.push(...shared);
      set(lock, "shop-primary", "rule.defaultRetention.days", 34)(resources);
    };
    const reported = await violations(policy, ["alternate", "standby"], change);
    expect(reported.map(({ message }) => message).join()).to.match(/lock is COMPLIANCE for 34 days/);
  });

  const shared = ["shared"] as const;
  const days = (value: number) => set(lock, "shop-primary", "rule.defaultRetention.days", value);
  const governance = set(lock, "shop-primary", "rule.defaultRetention.mode", "GOVERNANCE");

  it("accepts a longer lock", async () => {
    expect(await violations(policy, shared, days(365))).to.be.empty;
  });

  it("accepts a lock that a special role may shorten only if the configuration says so", async () => {
    const [refused] = await violations(policy, shared, governance);
    expect(refused?.message).to.match(/lock is GOVERNANCE for 35 days .+ want COMPLIANCE/);
    expect(await violations(policy, shared, governance, { lockMode: "GOVERNANCE" })).to.be.empty;
    // A configuration that allows less does not refuse more.
    expect(await violations(policy, shared, () => undefined, { lockMode: "GOVERNANCE" })).to.be.empty;
  });

  it("accepts fewer days of such a lock if the configuration says so, and of no other", async () => {
    const short: Change = (resources) => [governance, days(1)].forEach((change) => change(resources));
    expect(await violations(policy, shared, short, { lockMode: "GOVERNANCE", lockDays: "1" })).to.be.empty;
    expect(await violations(policy, shared, short, { lockMode: "GOVERNANCE" })).not.to.be.empty;
    expect(await violations(policy, shared, days(1), { lockDays: "1" })).not.to.be.empty;
  });

  for (const type of [versioning, lock, replication, "aws:s3/bucketPolicy:BucketPolicy"]) {
    it(`stops an unprotected ${type}, without which a kept bucket protects nothing`, async () => {
      const open: Change = (resources) =>
        resources.filter((one) => one.type === type).forEach((one) => (one.opts.protect = false));
      const reported = await violations(policy, shared, open);
      expect(reported.map(({ message }) => message).join("\n")).to.contain(`its ${type} is not protected`);
    });
  }

  it("reports the resource to change", async () => {
    const [first] = await violations(policy, ["shared"], rule("status", "Disabled"));
    expect(first?.urn).to.match(/BucketReplicationConfig::shop-primary-to-alternate$/);
  });
});
