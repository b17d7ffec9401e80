/** A bucket of recovery points without content, for tests of selection by manifests and listings. */
import type { ChangesManifest, FullManifest, Manifest } from "../../../jobs/points/manifest.ts";
import { slotOf } from "../../../jobs/points/slot.ts";
import { manifestKey, pointPrefix } from "../../../jobs/points/store.ts";
import { fullManifestOf, manifestOf } from "../../support/recovery-points.ts";
import { MemoryStore } from "./memory-store.ts";

export const now = Date.parse("2026-11-23T12:00:00Z");
/** The given number of minutes before `now`. */
export const ago = (minutes: number): Date => new Date(now - minutes * 60_000);

const hash = "0".repeat(64);

export class PointBucket extends MemoryStore {
  full(minutesAgo: number, changed: Partial<FullManifest> = {}): FullManifest {
    return this.add(fullManifestOf(ago(minutesAgo), { parts: [this.part("full", ago(minutesAgo))], ...changed }));
  }

  changes(minutesAgo: number, parent: Manifest, changed: Partial<ChangesManifest> = {}): ChangesManifest {
    return this.add({
      ...manifestOf(ago(minutesAgo)),
      full: parent.kind === "full" ? parent.slot : parent.full,
      parent: { kind: parent.kind, slot: parent.slot },
      parts: [this.part("changes", ago(minutesAgo))],
      ...changed,
    });
  }

  add<M extends Manifest>(manifest: M): M {
    this.put(manifestKey(manifest.kind, manifest.slot), JSON.stringify(manifest), new Date(manifest.finishedAt));
    return manifest;
  }

  put(key: string, text: string, storedAt = ago(0)): void {
    this.objects.set(key, Buffer.from(text));
    this.storedAt.set(key, storedAt);
  }

  private part(kind: Manifest["kind"], time: Date) {
    const key = `${pointPrefix(kind, slotOf(time))}data-1.zst`;
    this.put(key, "content", time);
    const compression = "zstd" as const;
    return { key, sha256: hash, bytes: 7, compression, contentSha256: hash, contentBytes: 7 };
  }
}
