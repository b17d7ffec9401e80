import { duration } from "../../continuity/duration.ts";
import { fold } from "../../continuity/fold.ts";
import type { DrillReport } from "./types.ts";

/**
 * Durations of the drill and of its preparation, which is not part of the timeline and may take minutes on a first run.
 */
export const beforeAndDuring = ({ durations }: Pick<DrillReport, "durations">): string =>
  `The drill took ${duration(durations.drillSeconds)}; before that, tools took ${duration(durations.toolsSeconds)} and starting two regions ${duration(durations.startSeconds)}.`;

/**
 * The drill's summary as plain text, for a terminal, log or ticket.
 *
 * @param columns where lines end; tables that are wider become lists. @default no limit
 */
export function reportText(report: DrillReport, columns = Number.POSITIVE_INFINITY): string {
  const { rpo, load } = report;
  const tierRows = report.tiers.map((tier) => [
    `Tier ${tier.tier} ${tier.name}`,
    duration(tier.rtoTargetSeconds),
    duration(tier.rtoActualSeconds),
    duration(tier.rtoProjectedSeconds),
    tier.met ? "met" : "MISSED",
  ]);
  const pointRow = [
    rpo.recoveryPoint ?? "none",
    duration(rpo.targetSeconds),
    duration(rpo.actualSeconds),
    duration(rpo.projectedWorstCaseSeconds),
    rpo.met ? "met" : "MISSED",
  ];
  const lines = [
    ...table([["Recovery time", "target", "actual", "projected", ""], ...tierRows], columns),
    "",
    ...table([["Recovery point", "target", "actual", "projected worst case", ""], pointRow], columns),
    "",
    ...(report.lossAtSeconds === null
      ? [`Writes         ${load.acknowledged} acknowledged; the drill ended before the region was lost`]
      : afterTheLoss(report)),
    `Proved on      ${report.realTypes.length} resource types created for real; ${report.recordedTypes.length} only recorded (see report)`,
    `Time           ${beforeAndDuring(report)}`,
    "",
    `Verdict        ${report.verdict === "met" ? "MET" : "MISSED"}`,
    ...report.reasons.map((reason) => `  - ${reason}`),
  ];
  return `${fold(lines.join("\n"), columns)}\n`;
}

const afterTheLoss = ({ rpo, load, callsAfterCut: calls }: DrillReport): string[] => [
  `Writes         ${load.acknowledged} acknowledged, ${rpo.lostAcknowledgedWrites} of them lost, ${rpo.duplicates} duplicated, ${rpo.outOfOrder} out of order`,
  `Outage         ${duration(load.outageSeconds)} between the last write on the old site and the first on the new one`,
  `After the cut  ${calls.primaryRegion} calls to the dead region, ${calls.primaryCluster} to its cluster, ${calls.globalControlPlanes} to global control planes`,
];

function table(rows: readonly string[][], columns: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("   ")
      .trimEnd(),
  );
  return lines.every((line) => line.length <= columns) ? lines : list(rows);
}

/** The same without columns: each row's first and last cell are its heading, the others stand below it. */
function list([heads = [], ...rows]: readonly string[][]): string[] {
  const below = rows.flatMap((row) => [
    `${row[0]}: ${row.at(-1)}`,
    ...row.slice(1, -1).map((cell, index) => `  ${heads[index + 1]} ${cell}`),
  ]);
  return [heads[0] ?? "", ...below];
}
