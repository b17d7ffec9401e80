import type { DrillReport } from "./types.ts";

/** Minutes and hours where seconds would be hard to read: "42.3 s", "12 min 5 s", "4 h". */
export function duration(seconds: number | null): string {
  if (seconds === null) return "never";
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "min"],
    [Math.round(seconds % 60), "s"],
  ];
  return parts.flatMap(([n, unit]) => (n > 0 ? [`${n} ${unit}`] : [])).join(" ");
}

/** One sentence on what the timeline leaves out: tools may take minutes, once. */
export const beforeAndDuring = ({ durations }: Pick<DrillReport, "durations">): string =>
  `The drill took ${duration(durations.drillSeconds)}; before it, tools took ${duration(durations.toolsSeconds)} and starting two regions ${duration(durations.startSeconds)}.`;

/** The drill's closing table in plain text, for a terminal, a log or a ticket. */
export function reportText(report: DrillReport): string {
  const { rpo, load } = report;
  const tierRows = report.tiers.map((tier) => [
    `Tier ${tier.tier} ${tier.name}`,
    duration(tier.rtoTargetSeconds),
    duration(tier.rtoActualSeconds),
    duration(tier.rtoProjectedSeconds),
    tier.met ? "met" : "MISSED",
  ]);
  const lines = [
    ...table([["Recovery time", "target", "actual", "projected", ""], ...tierRows]),
    "",
    ...table([
      ["Recovery point", "target", "actual", "projected worst case", ""],
      [
        rpo.recoveryPoint ?? "none",
        duration(rpo.targetSeconds),
        duration(rpo.actualSeconds),
        duration(rpo.projectedWorstCaseSeconds),
        rpo.met ? "met" : "MISSED",
      ],
    ]),
    "",
    ...(report.lossAtSeconds === null
      ? [`Writes         ${load.acknowledged} acknowledged; nothing was lost, because the drill ended before the loss`]
      : afterTheLoss(report)),
    `Proved on      ${report.realTypes.length} resource types created for real; ${report.recordedTypes.length} only recorded (see report)`,
    `Time           ${beforeAndDuring(report)}`,
    "",
    `Verdict        ${report.verdict === "met" ? "MET" : "MISSED"}`,
    ...report.reasons.map((reason) => `  - ${reason}`),
  ];
  return `${lines.join("\n")}\n`;
}

const afterTheLoss = ({ rpo, load, callsAfterCut: calls }: DrillReport): string[] => [
  `Writes         ${load.acknowledged} acknowledged, ${rpo.lostAcknowledgedWrites} of them lost, ${rpo.duplicates} twice, ${rpo.outOfOrder} out of order`,
  `Outage         ${duration(load.outageSeconds)} between the last write of the old site and the first of the new one`,
  `After the cut  ${calls.primaryRegion} calls to the dead region, ${calls.primaryCluster} to its cluster, ${calls.globalControlPlanes} to global control planes`,
];

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("   ")
      .trimEnd(),
  );
}
