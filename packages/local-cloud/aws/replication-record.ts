/** Remembers which version is a source or a replica of which, and how far its replication got. */

export interface VersionName {
  bucket: string;
  key: string;
  versionId: string;
}

export type CopyState = "PENDING" | "COMPLETED" | "FAILED";

export interface Copy {
  destination: string;
  state: CopyState;
  replica?: VersionName;
}

interface Source {
  role: "source";
  copies: Copy[];
}

interface Replica {
  role: "replica";
  source: VersionName;
}

/** A version id is unique only beside its key; no bucket name holds a line break. */
const placeOf = ({ bucket, key, versionId }: VersionName): string => [bucket, versionId, key].join("\n");

export class ReplicationRecord {
  readonly #versions = new Map<string, Source | Replica>();

  /** Enters a copy to be made. */
  add(version: VersionName, destination: string): Copy {
    const copy: Copy = { destination, state: "PENDING" };
    const known = this.#versions.get(placeOf(version));
    if (known?.role === "source") known.copies.push(copy);
    else this.#versions.set(placeOf(version), { role: "source", copies: [copy] });
    return copy;
  }

  complete(source: VersionName, copy: Copy, replica: VersionName): void {
    copy.state = "COMPLETED";
    copy.replica = replica;
    this.#versions.set(placeOf(replica), { role: "replica", source });
  }

  /** Forgets a copy that is not to be made any more. */
  withdraw(version: VersionName, copy: Copy): void {
    const copies = this.copiesOf(version);
    if (copies.includes(copy)) copies.splice(copies.indexOf(copy), 1);
  }

  copiesOf(version: VersionName): Copy[] {
    const known = this.#versions.get(placeOf(version));
    return known?.role === "source" ? known.copies : [];
  }

  sourceOf(version: VersionName): VersionName | undefined {
    const known = this.#versions.get(placeOf(version));
    return known?.role === "replica" ? known.source : undefined;
  }

  /** What S3 reports of a version: one failed copy outweighs pending ones, which outweigh completed ones. */
  status(version: VersionName): CopyState | "REPLICA" | undefined {
    const known = this.#versions.get(placeOf(version));
    if (known?.role === "replica") return "REPLICA";
    const states = known?.copies.map(({ state }) => state) ?? [];
    return (["FAILED", "PENDING", "COMPLETED"] as const).find((state) => states.includes(state));
  }
}
