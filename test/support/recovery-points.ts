/** Manifests and evidence as written by the jobs, for tests of their readers. */
import { slotOf, type ChangesManifest, type Evidence, type FullManifest } from "../../jobs/index.ts";

const digest = "0".repeat(64);

/** A change recovery point; `changed` corrupts or completes it. */
export function manifestOf(time: Date, changed: Partial<ChangesManifest> = {}): ChangesManifest {
  const slot = slotOf(time);
  return {
    format: 1,
    kind: "changes",
    slot,
    full: slot,
    parent: { kind: "full", slot },
    snapshotAt: time.toISOString(),
    finishedAt: time.toISOString(),
    database: { namespace: "vapora", name: "main", version: "3" },
    writer: { site: "primary", epoch: 1 },
    parts: [],
    fromVersionstamp: "0",
    toVersionstamp: "0",
    definitionsDigest: digest,
    changesets: 0,
    changes: 0,
    tables: {},
    tablesWithoutFeed: [],
    sequences: {},
    encryption: { algorithm: "aws:kms" },
    ...changed,
  };
}

/** A full recovery point without content. */
export function fullManifestOf(time: Date, changed: Partial<FullManifest> = {}): FullManifest {
  const { full: _, definitionsDigest, ...common } = manifestOf(time);
  return {
    ...(common as unknown as FullManifest),
    kind: "full",
    parent: null,
    feedPosition: "0",
    rows: 0,
    tables: {},
    definitions: { digest: definitionsDigest, sections: {}, leftOut: [] },
    accesses: [],
    ...changed,
  };
}

/** Evidence of the alternate site's standby for such a recovery point. */
export function evidenceOf(time: Date, changed: Partial<Evidence> = {}): Evidence {
  const slot = slotOf(time);
  return {
    by: "standby-sync",
    site: "alternate",
    kind: "changes",
    slot,
    full: slot,
    epoch: 1,
    snapshotAt: time.toISOString(),
    verifiedAt: time.toISOString(),
    verified: true,
    differences: [],
    rows: 1,
    tables: { ledger: { rows: 1 } },
    seconds: { apply: 0.1 },
    bucket: "vapora-recovery-points-eu-central-1",
    ...changed,
  };
}
