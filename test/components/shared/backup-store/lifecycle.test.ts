import { expect } from "chai";
import fc from "fast-check";
import { infrequentAccessDays } from "../../../../components/shared/backup-store/arguments.ts";
import { lifecycleRules } from "../../../../components/shared/backup-store/lifecycle.ts";

const days = { retentionDays: 35, infrequentAccessAfterDays: 0, evidenceDays: 400 };
const rule = (id: string, given = days) => {
  const found = lifecycleRules(given).find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no rule ${id}`);
  return found as unknown as Record<string, never>;
};

describe("lifecycle of a recovery-point bucket", () => {
  for (const id of ["full-exports", "change-exports"]) {
    it(`expires ${id} only after their lock`, () => {
      expect(rule(id)).to.have.nested.property("expiration.days", 36);
      expect(rule(id)).to.have.nested.property("noncurrentVersionExpiration.noncurrentDays", 1);
    });
  }

  it("keeps evidence longer", () => {
    expect(rule("evidence")).to.have.nested.property("expiration.days", 401);
    expect(rule("evidence")).to.have.nested.property("filter.prefix", "evidence/");
  });

  it("never expires the current writer record, only its history", () => {
    expect(rule("writer-record")).not.to.have.property("expiration");
    expect(rule("writer-record")).to.have.nested.property("noncurrentVersionExpiration.noncurrentDays", 35);
  });

  it("has no disabled rule", () => {
    const all = lifecycleRules(days) as unknown as { status: string }[];
    expect(new Set(all.map(({ status }) => status))).to.deep.equal(new Set(["Enabled"]));
  });

  it("removes expired delete markers", () => {
    expect(rule("leftovers")).to.have.nested.property("expiration.expiredObjectDeleteMarker", true);
  });

  it("aborts incomplete uploads", () => {
    expect(rule("leftovers")).to.have.nested.property("abortIncompleteMultipartUpload.daysAfterInitiation", 1);
  });

  const prefixes = [
    ["full-exports", "points/full/"],
    ["change-exports", "points/changes/"],
    ["writer-record", "control/writer.json"],
    ["leftovers", ""],
  ] as const;
  for (const [id, prefix] of prefixes) {
    it(`applies ${id} to ${prefix || "every object"}`, () => {
      expect(rule(id)).to.have.nested.property("filter.prefix", prefix);
    });
  }

  it("never removes anything before its lock ends, however long that is", () => {
    const anyDays = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(anyDays, anyDays, (retentionDays, more) => {
        const given = { retentionDays, infrequentAccessAfterDays: 0, evidenceDays: retentionDays + more };
        for (const id of ["full-exports", "change-exports", "evidence"]) {
          const { expiration } = rule(id, given) as unknown as { expiration: { days: number } };
          expect(expiration.days).to.be.above(retentionDays);
        }
      }),
    );
  });

  it("moves change exports as well, on the chosen day, but neither evidence nor the writer record", () => {
    const given = { ...days, retentionDays: 120, infrequentAccessAfterDays: 45 };
    for (const id of ["full-exports", "change-exports"]) {
      expect(rule(id, given)).to.have.deep.property("transitions", [{ days: 45, storageClass: "STANDARD_IA" }]);
    }
    for (const id of ["evidence", "writer-record"]) expect(rule(id, given)).not.to.have.property("transitions");
  });

  it("removes expired evidence at once", () => {
    expect(rule("evidence")).to.have.nested.property("noncurrentVersionExpiration.noncurrentDays", 1);
  });

  it("has no expiry for the whole bucket", () => {
    const all = lifecycleRules(days) as unknown as { filter: { prefix: string }; expiration?: { days?: number } }[];
    for (const { filter, expiration } of all) if (expiration?.days) expect(filter.prefix).to.match(/\/$/);
  });

  it("transitions only to a cheaper class with immediate access", () => {
    const moved = rule("full-exports", { ...days, retentionDays: 90, infrequentAccessAfterDays: 30 });
    expect(moved).to.have.deep.property("transitions", [{ days: 30, storageClass: "STANDARD_IA" }]);
    expect(rule("full-exports")).not.to.have.property("transitions");
  });

  it("chooses a transition that S3 accepts and that saves cost, or none", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), (retentionDays) => {
        const chosen = infrequentAccessDays({ retentionDays });
        expect(chosen === 0 || (chosen >= 30 && retentionDays - chosen >= 30)).to.equal(true);
        expect(chosen === 0).to.equal(retentionDays < 60);
      }),
    );
  });
});
