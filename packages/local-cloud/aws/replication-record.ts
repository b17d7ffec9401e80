/** Tracks which versions are sources and replicas of each other, and the state of each copy. */

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

/** Version ids are unique per key only; bucket names contain no line breaks. */
const placeOf = ({ bucket, key, versionId }: VersionName): string => [bucket, versionId, key].join("\n");

export class ReplicationRecord {
  readonly #versions = new Map<string, Source | Replica>();

  /** Adds a pending copy. */
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

  /** Removes a copy that is no longer to be made. */
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

  /** Status as S3 reports it: one failed copy takes precedence over pending ones, those over completed ones. */
  status(version: VersionName): CopyState | "REPLICA" | undefined {
    const known = this.#versions.get(placeOf(version));
    if (known?.role === "replica") return "REPLICA";
    const states = known?.copies.map(({ state }) => state) ?? [];
    return (["FAILED", "PENDING", "COMPLETED"] as const).find((state) => states.includes(state));
  }
}
