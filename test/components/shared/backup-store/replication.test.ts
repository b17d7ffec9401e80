import { expect } from "chai";
import { BackupStore } from "../../../../components/shared/backup-store/index.ts";
import { accountId, regional, topology } from "../../../support/fixtures.ts";
import { at, ofType, only, settled, startMocks } from "../../../support/pulumi-mocks.ts";

const replicationType = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";
const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";
const bucketOf = { primary: "shop-recovery-points-eu-west-1", alternate: "shop-recovery-points-eu-central-1" };

interface Statement {
  Action: string | string[];
  Resource: string;
  Condition?: { StringLike: Record<string, string> };
}

describe("replication of the BackupStore", () => {
  before(async () => {
    await startMocks();
    const alternate = regional("alternate", topology.alternateRegion);
    new BackupStore(
      "shop",
      { topology, accountId, alternate, retentionDays: 35, replicationBoundSeconds: 1200 },
      { provider: regional("primary", topology.primaryRegion) },
    );
    await settled();
  });

  const directions = [
    ["primary", "alternate"],
    ["alternate", "primary"],
  ] as const;

  for (const [from, to] of directions) {
    describe(`from the ${from} to the ${to} region`, () => {
      const config = () => only(replicationType, `shop-${from}-to-${to}`);
      const rule = () => ({ inputs: (config().inputs["rules"] as Record<string, unknown>[])[0]! });

      it("is configured in the source's region, on the source's bucket", () => {
        expect(config()).to.include({ provider: from });
        expect(config().inputs["bucket"]).to.equal(bucketOf[from]);
      });

      it("has one rule, for every object", () => {
        expect(config().inputs["rules"]).to.have.length(1);
        expect(rule().inputs).to.include({ status: "Enabled" });
        expect(at(rule(), "filter.prefix")).to.equal("");
      });

      it("replicates to the other bucket, encrypted with that region's key, in a class with immediate access", () => {
        const keyType = to === "primary" ? "aws:kms/key:Key" : "aws:kms/replicaKey:ReplicaKey";
        expect(at(rule(), "destination.bucket")).to.equal(`arn:aws:s3:::${bucketOf[to]}`);
        expect(at(rule(), "destination.encryptionConfiguration.replicaKmsKeyId"))
          .to //
          .equal(`arn:mock:${keyType}:shop-${to}`);
        expect(at(rule(), "destination.storageClass")).to.equal("STANDARD");
      });

      it("guarantees 15 minutes and publishes metrics", () => {
        expect(at(rule(), "destination.replicationTime")).to.deep.equal({ status: "Enabled", time: { minutes: 15 } });
        expect(at(rule(), "destination.metrics")).to.deep.equal({ status: "Enabled", eventThreshold: { minutes: 15 } });
      });

      it("includes encrypted objects and replica modifications, but no deletions", () => {
        const enabled = { status: "Enabled" };
        expect(at(rule(), "sourceSelectionCriteria"))
          .to //
          .deep.equal({ replicaModifications: enabled, sseKmsEncryptedObjects: enabled });
        expect(at(rule(), "deleteMarkerReplication")).to.deep.equal({ status: "Disabled" });
      });

      it("waits for versioning on both sides and for the role's permissions", () => {
        const needed = [
          `BucketVersioning::shop-primary`,
          `BucketVersioning::shop-alternate`,
          `RolePolicy::shop-replication`,
        ];
        for (const end of needed)
          expect(
            config().dependencies.some((urn) => urn.endsWith(end)),
            end,
          ).to.equal(true);
      });

      it("raises an alarm on failures, in the region where S3 counts them", () => {
        const alarm = only(alarmType, `shop-${from}-to-${to}-failed`);
        expect(alarm.provider).to.equal(from);
        expect(alarm.inputs).to.include({
          namespace: "AWS/S3",
          metricName: "OperationsFailedReplication",
          statistic: "Sum",
          comparisonOperator: "GreaterThanThreshold",
          threshold: 0,
          datapointsToAlarm: 1,
          treatMissingData: "notBreaching",
        });
      });

      it("keeps that alarm as long as CloudWatch allows: a failed replication is not retried", () => {
        const { period, evaluationPeriods } = only(alarmType, `shop-${from}-to-${to}-failed`).inputs;
        expect(Number(period) * Number(evaluationPeriods)).to.equal(86_400);
        expect(period, "and raises it soon").to.equal(300);
      });

      it("raises an alarm on silence, in the region that survives the source", () => {
        const alarm = only(alarmType, `shop-${from}-to-${to}-silent`);
        expect(alarm.provider).to.equal(to);
        expect(alarm.inputs).to.include({
          metricName: "ReplicationLatency",
          comparisonOperator: "LessThanThreshold",
          threshold: 0,
          period: 60,
          evaluationPeriods: 20,
          treatMissingData: "breaching",
        });
      });

      it("raises an alarm on replication later than the plan allows", () => {
        const alarm = only(alarmType, `shop-${from}-to-${to}-late`);
        expect(alarm.provider, "where S3 publishes the latency").to.equal(to);
        expect(alarm.inputs).to.include({
          metricName: "ReplicationLatency",
          statistic: "Maximum",
          period: 60,
          threshold: 1200,
          comparisonOperator: "GreaterThanThreshold",
          evaluationPeriods: 5,
          treatMissingData: "notBreaching",
        });
      });

      it("counts five late minutes in a row, and silence only if it lasts for the whole bound", () => {
        for (const kind of ["late", "silent"]) {
          expect(only(alarmType, `shop-${from}-to-${to}-${kind}`).inputs, kind).not.to.have.property(
            "datapointsToAlarm",
          );
        }
      });

      it("names the source's bucket and the bound in its alarms", () => {
        const text = (kind: string) => only(alarmType, `shop-${from}-to-${to}-${kind}`).inputs["alarmDescription"];
        for (const kind of ["failed", "late", "silent"]) expect(text(kind)).to.contain(`from ${bucketOf[from]}`);
        expect(text("late")).to.contain("1200 s");
        expect(text("failed")).to.contain("S3 Batch Replication");
      });

      it("has a role, and alarms, of the component itself", () => {
        expect(config().inputs["role"]).to.equal("arn:mock:aws:iam/role:Role:shop-replication");
        expect(config().parent).to.match(/::shop$/);
        for (const kind of ["failed", "late", "silent"]) {
          expect(only(alarmType, `shop-${from}-to-${to}-${kind}`).parent).to.match(/::shop$/);
        }
      });

      it("monitors its own rule", () => {
        for (const kind of ["failed", "late", "silent"]) {
          expect(only(alarmType, `shop-${from}-to-${to}-${kind}`).inputs["dimensions"]).to.deep.equal({
            SourceBucket: bucketOf[from],
            DestinationBucket: bucketOf[to],
            RuleId: rule().inputs["id"],
          });
        }
      });
    });
  }

  describe("role", () => {
    const statements = (): Statement[] =>
      JSON.parse(String(only("aws:iam/rolePolicy:RolePolicy").inputs["policy"])).Statement;
    const granted = (resource: string): string[] =>
      statements()
        .filter(({ Resource }) => Resource === resource)
        .flatMap(({ Action }) => Action);

    it("can be assumed by S3 only", () => {
      const trust = JSON.parse(String(only("aws:iam/role:Role").inputs["assumeRolePolicy"]));
      expect(trust.Statement.map((s: { Principal: unknown }) => s.Principal))
        .to //
        .deep.equal([{ Service: "s3.amazonaws.com" }]);
      expect(trust.Statement[0]).to.include({ Effect: "Allow", Action: "sts:AssumeRole" });
    });

    it("has nothing but the grants that S3 asks for, on either bucket", () => {
      for (const name of Object.values(bucketOf)) {
        expect(granted(`arn:aws:s3:::${name}`)).to.have.members(["s3:GetReplicationConfiguration", "s3:ListBucket"]);
        expect(granted(`arn:aws:s3:::${name}/*`)).to.have.members([
          "s3:GetObjectVersionForReplication",
          "s3:GetObjectVersionAcl",
          "s3:GetObjectVersionTagging",
          "s3:GetObjectRetention",
          "s3:GetObjectLegalHold",
          "s3:ReplicateObject",
          "s3:ReplicateTags",
          "s3:ObjectOwnerOverrideToBucketOwner",
        ]);
      }
    });

    it("has no grant outside the two buckets and their keys", () => {
      const keys = ["arn:mock:aws:kms/key:Key:shop-primary", "arn:mock:aws:kms/replicaKey:ReplicaKey:shop-alternate"];
      const buckets = Object.values(bucketOf).flatMap((name) => [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`]);
      expect(new Set(statements().map(({ Resource }) => Resource))).to.deep.equal(new Set([...keys, ...buckets]));
      for (const key of keys) {
        expect(granted(key), key).to.have.members(["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]);
      }
    });

    it("binds each key to the objects of its own region's bucket", () => {
      const bounds = Object.entries({
        "arn:mock:aws:kms/key:Key:shop-primary": bucketOf.primary,
        "arn:mock:aws:kms/replicaKey:ReplicaKey:shop-alternate": bucketOf.alternate,
      });
      for (const [key, bucket] of bounds) {
        const found = statements().filter(({ Resource }) => Resource === key);
        expect(found).to.have.length(2);
        for (const { Condition } of found) {
          expect(Condition?.StringLike["kms:EncryptionContext:aws:s3:arn"]).to.equal(`arn:aws:s3:::${bucket}/*`);
        }
      }
    });

    for (const name of Object.values(bucketOf)) {
      it(`may read locks in, and write to, ${name}`, () => {
        const needed = [
          "s3:GetObjectVersionForReplication",
          "s3:GetObjectRetention",
          "s3:GetObjectLegalHold",
          "s3:ReplicateObject",
        ];
        expect(granted(`arn:aws:s3:::${name}/*`)).to.include.members(needed);
        expect(granted(`arn:aws:s3:::${name}`)).to.include("s3:GetReplicationConfiguration");
      });
    }

    it("may not replicate deletions", () => {
      expect(statements().flatMap(({ Action }) => Action)).not.to.include("s3:ReplicateDelete");
    });

    it("may use both keys, through S3 in their regions, for objects of these buckets", () => {
      const keys = ["arn:mock:aws:kms/key:Key:shop-primary", "arn:mock:aws:kms/replicaKey:ReplicaKey:shop-alternate"];
      for (const [index, key] of keys.entries()) {
        expect(granted(key)).to.include.members(["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]);
        const region = [topology.primaryRegion, topology.alternateRegion][index];
        const bounds = statements().filter(({ Resource }) => Resource === key);
        for (const { Condition } of bounds) {
          expect(Condition?.StringLike["kms:ViaService"]).to.equal(`s3.${region}.amazonaws.com`);
          expect(Condition?.StringLike["kms:EncryptionContext:aws:s3:arn"]).to.match(/recovery-points-.+\/\*$/);
        }
      }
    });
  });

  it("makes exactly six alarms", () => {
    expect(ofType(alarmType)).to.have.length(6);
  });
});

describe("BackupStore with a replication bound of fractional minutes", () => {
  it("waits for whole periods before the silence alarm, since CloudWatch accepts no fractions", async () => {
    await startMocks();
    new BackupStore(
      "shop",
      {
        topology,
        accountId,
        alternate: regional("alternate", topology.alternateRegion),
        retentionDays: 35,
        replicationBoundSeconds: 910,
      },
      { provider: regional("primary", topology.primaryRegion) },
    );
    await settled();
    expect(only(alarmType, "shop-primary-to-alternate-silent").inputs["evaluationPeriods"]).to.equal(16);
  });
});
