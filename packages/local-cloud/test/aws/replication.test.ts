import { Readable } from "node:stream";
import { S3Client } from "@aws-sdk/client-s3";
import type { ReplicationRule } from "@aws-sdk/client-s3";
import { expect } from "chai";
import fc from "fast-check";
import { copyVersion, differences } from "../../aws/replication-copy.ts";
import { CopyRefused, isGone, isPassing } from "../../aws/replication-errors.ts";
import { ReplicationRecord } from "../../aws/replication-record.ts";
import { enabledRules, rulesFor } from "../../aws/replication-rules.ts";
import type { Rule } from "../../aws/replication-rules.ts";

const full: ReplicationRule = {
  ID: "points",
  Status: "Enabled",
  Priority: 3,
  Filter: { Prefix: "points/" },
  DeleteMarkerReplication: { Status: "Disabled" },
  SourceSelectionCriteria: {
    SseKmsEncryptedObjects: { Status: "Enabled" },
    ReplicaModifications: { Status: "Enabled" },
  },
  Destination: {
    Bucket: "arn:aws:s3:::copies",
    StorageClass: "STANDARD_IA",
    EncryptionConfiguration: { ReplicaKmsKeyID: "arn:aws:kms:eu-central-1:1:key/mrk-1" },
    Metrics: { Status: "Enabled", EventThreshold: { Minutes: 15 } },
  },
};

const read = (...rules: ReplicationRule[]): Rule[] => enabledRules({ Role: "arn:aws:iam::1:role/r", Rules: rules });

describe("replication rules", () => {
  it("are read as they were put", () => {
    expect(read(full)).to.deep.equal([
      {
        id: "points",
        destination: "copies",
        prefix: "points/",
        tags: {},
        priority: 3,
        deleteMarkers: false,
        replicaModifications: true,
        kmsEncrypted: true,
        replicaKmsKey: "arn:aws:kms:eu-central-1:1:key/mrk-1",
        storageClass: "STANDARD_IA",
        metrics: true,
      },
    ]);
  });

  it("do not hold while disabled", () => {
    expect(read({ ...full, Status: "Disabled" })).to.deep.equal([]);
  });

  it("of the older schema take the prefix from the rule and copy delete markers", () => {
    const older: ReplicationRule = { Status: "Enabled", Prefix: "a/", Destination: { Bucket: "copies" } };
    expect(read(older)[0]).to.include({ prefix: "a/", deleteMarkers: true, destination: "copies" });
  });

  it("require every tag of a combined filter", () => {
    const rules = read({
      ...full,
      Filter: {
        And: {
          Prefix: "a",
          Tags: [
            { Key: "k", Value: "v" },
            { Key: "l", Value: "w" },
          ],
        },
      },
    });
    expect(rulesFor(rules, "ab", { k: "v", l: "w", m: "x" })).to.have.length(1);
    expect(rulesFor(rules, "ab", { k: "v" })).to.have.length(0);
    expect(rulesFor(rules, "ba", { k: "v", l: "w" })).to.have.length(0);
  });

  it("hold once for each destination, the most important first", () => {
    const rule = fc.record({
      Priority: fc.nat(9),
      destination: fc.constantFrom("x", "y"),
      Prefix: fc.constantFrom("", "a", "ab", "b"),
      Status: fc.constantFrom("Enabled" as const, "Disabled" as const),
    });
    fc.assert(
      fc.property(fc.array(rule), fc.constantFrom("a", "abc", "bcd", ""), (given, key) => {
        const rules = given.map(({ Priority, destination, Prefix, Status }) => ({
          Priority,
          Status,
          Filter: { Prefix },
          Destination: { Bucket: `arn:aws:s3:::${destination}` },
        }));
        const chosen = rulesFor(read(...rules), key, {});
        expect(new Set(chosen.map(({ destination }) => destination)).size).to.equal(chosen.length);
        for (const destination of ["x", "y"]) {
          const covering = given.filter(
            (r) => r.destination === destination && r.Status === "Enabled" && key.startsWith(r.Prefix),
          );
          const best = chosen.find((r) => r.destination === destination);
          expect(best?.priority).to.equal(
            covering.length > 0 ? Math.max(...covering.map((r) => r.Priority)) : undefined,
          );
        }
      }),
    );
  });
});

describe("the replication record", () => {
  const source = { bucket: "orders", key: "a", versionId: "1" };
  const replica = { bucket: "copies", key: "a", versionId: "2" };

  it("tracks a version from pending to completed, with its replica", () => {
    const record = new ReplicationRecord();
    expect(record.status(source)).to.equal(undefined);
    const copy = record.add(source, "copies");
    expect(record.status(source)).to.equal("PENDING");
    record.complete(source, copy, replica);
    expect(record.status(source)).to.equal("COMPLETED");
    expect(record.status(replica)).to.equal("REPLICA");
    expect(record.sourceOf(replica)).to.deep.equal(source);
    expect(record.status({ ...source, versionId: "3" })).to.equal(undefined);
  });

  it("removes a copy that is no longer to be made", () => {
    const record = new ReplicationRecord();
    record.withdraw(source, record.add(source, "copies"));
    expect(record.status(source)).to.equal(undefined);
  });

  it("reports the worst of several destinations", () => {
    const record = new ReplicationRecord();
    const [first, second] = [record.add(source, "copies"), record.add(source, "more")];
    record.complete(source, first, replica);
    expect(record.status(source)).to.equal("PENDING");
    second.state = "FAILED";
    expect(record.status(source)).to.equal("FAILED");
  });
});

describe("verification of a replica", () => {
  const head = { $metadata: {}, ContentLength: 5, ETag: '"e"', ChecksumCRC32: "c" };

  it("is that size, entity tag and checksums are the source's", () => {
    expect(differences(head, { ...head })).to.deep.equal([]);
    expect(differences(head, { ...head, ContentLength: 4 })).to.deep.equal(["ContentLength"]);
    expect(differences(head, { ...head, ETag: '"f"' })).to.deep.equal(["ETag"]);
    expect(differences(head, { $metadata: {}, ContentLength: 5, ETag: '"e"' })).to.deep.equal(["ChecksumCRC32"]);
  });
});

describe("copying", () => {
  const rule = read({ ...full, SourceSelectionCriteria: {} })[0] as Rule;
  const source = { bucket: "orders", key: "a", versionId: "1" };
  const head = { $metadata: {}, ContentLength: 5, ETag: '"e"', ChecksumCRC32: "c" };

  /** A region that answers each command by its name. */
  const region = (answers: Record<string, () => object>): S3Client =>
    Object.assign(new S3Client({ region: "eu-west-1" }), {
      send: async (command: object) => {
        const answer = answers[command.constructor.name.replace("Command", "")];
        if (!answer) throw new Error(`unexpected ${command.constructor.name}`);
        return answer();
      },
    });

  const copyTo = (answers: Record<string, () => object>, Body = Readable.from(["12345"])): Promise<unknown> => {
    const from = region({ GetObjectTagging: () => ({ TagSet: [] }), GetObject: () => ({ Body, ContentLength: 5 }) });
    const { signal } = new AbortController();
    return copyVersion({ from, to: region(answers), source, rule, signal }, head);
  };
  const put = { PutObject: () => ({ VersionId: "2" }) };

  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("names the replica when it is the same", async () => {
    expect(await copyTo({ ...put, HeadObject: () => head })).to.deep.equal({
      bucket: "copies",
      key: "a",
      versionId: "2",
    });
  });

  it("fails when it is not", async () => {
    const error = await failureOf(copyTo({ ...put, HeadObject: () => ({ ...head, ETag: '"f"' }) }));
    expect(error).to.be.instanceOf(CopyRefused).and.have.property("message", "the replica differs in ETag");
  });

  it("fails when the destination makes no version", async () => {
    const error = await failureOf(copyTo({ PutObject: () => ({}), HeadObject: () => head }));
    expect(String(error)).to.contain("destination copies is not versioned");
  });

  it("leaves no stream open when the destination breaks off", async () => {
    const body = Readable.from(["12345"]);
    const broken = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    const answers = {
      PutObject: () => {
        throw broken;
      },
    };
    expect(await failureOf(copyTo(answers, body))).to.equal(broken);
    expect(body.destroyed).to.equal(true);
  });
});

describe("replication errors", () => {
  const answered = (httpStatusCode: number, name = "Error"): Error =>
    Object.assign(new Error("x"), { name, $metadata: { httpStatusCode } });

  it("are temporary for server and connection errors", () => {
    for (const error of [
      answered(503),
      answered(500),
      answered(429),
      Object.assign(new Error(), { code: "ECONNRESET" }),
    ])
      expect(isPassing(error)).to.equal(true);
  });

  it("are permanent for client errors and bugs", () => {
    for (const error of [answered(403), answered(400), new CopyRefused("no"), new TypeError("x is undefined"), "text"])
      expect(isPassing(error)).to.equal(false);
  });

  it("are obsolete if the version is gone", () => {
    expect(isGone(answered(404, "NoSuchVersion"))).to.equal(true);
    expect(isGone(answered(403, "AccessDenied"))).to.equal(false);
  });
});
