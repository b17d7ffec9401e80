/** Reports findings of bucket scans: each one once in the log, their numbers as metrics. */
import { metrics } from "../../contract/index.ts";
import { publish } from "../metrics.ts";
import type { Catalogue } from "../points/catalogue.ts";
import type { Refusal } from "../points/point.ts";
import type { JobContext } from "../result.ts";
import type { Settings } from "../settings.ts";

interface ReportArgs {
  settings: Settings<"standby-sync">;
  context: JobContext;
}

/** Unchanged numbers are published at this interval only: a scan every few seconds would cost an API call each. */
const repeatSeconds = 30;

export class ScanReport {
  private lines = new Set<string>();
  private published = { at: -Infinity, refused: -1, suspicious: -1 };

  async update(
    args: ReportArgs,
    { refused, catalogue }: { refused: readonly Refusal[]; catalogue: Catalogue },
  ): Promise<void> {
    const lines = new Set([
      ...refused.map(({ key, reason }) => `refused ${key}: ${reason}`),
      ...catalogue.waiting.map(({ key, reason }) => `waiting for ${key}: ${reason}`),
      ...describeUndecided(catalogue),
    ]);
    for (const line of lines) if (!this.lines.has(line)) args.context.log(line);
    this.lines = lines;
    await this.publish(args, { refused: refused.length, suspicious: catalogue.undecided.length });
  }

  async publish({ settings, context }: ReportArgs, counts: { refused: number; suspicious?: number }): Promise<void> {
    const { at, ...before } = this.published;
    const { refused, suspicious = before.suspicious } = counts;
    const isSame = refused === before.refused && suspicious === before.suspicious;
    if (isSame && performance.now() - at < repeatSeconds * 1000) return;
    this.published = { at: performance.now(), refused, suspicious };
    await publish(settings, metrics.refusedRecoveryPoints, refused, "Count", context);
    if (suspicious >= 0) await publish(settings, metrics.suspiciousRecoveryPoints, suspicious, "Count", context);
  }
}

/** One line per series, with the pending decision. */
function describeUndecided(catalogue: Catalogue): string[] {
  const series = Map.groupBy(catalogue.undecided, ({ suspicious }) => suspicious?.since ?? "");
  return [...series].map(([since, points]) => {
    const reasons = points[0]?.suspicious?.reasons.join("; ");
    const [kind, slot] = since.split(" ");
    const command = `continuity points accept|reject --kind ${kind} ${slot}`;
    return `${points.length} suspicious recovery point(s) since ${since}: ${reasons}; the standby stays at the state before them until you decide with ${command}`;
  });
}
