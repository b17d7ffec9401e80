/** The plan on one page: every target is derived, so that no figure is written twice. */
import { cadenceDays } from "./calendar.ts";
import { formatSeconds } from "./duration.ts";
import { strictestRpoSeconds } from "./rpo.ts";
import { gapsBetweenRuns } from "./schedule.ts";
import type { Plan } from "./schema/plan.ts";

export interface GlanceRow {
  readonly metric: string;
  readonly target: string;
  /** Last known status; not measured now. */
  readonly status: string;
}

type Subject = Plan["glance"][number]["shows"];

const metricOf: Readonly<Record<Subject, string>> = {
  rto: "Recovery time objective",
  rpo: "Recovery point objective",
  "monthly-uptime": "Availability per month",
  "backup-frequency": "Full export",
  "restore-test": "Restore test",
  drill: "Disaster drill",
};

/** The rows of the at-a-glance table, in the plan's order. */
export function atAGlance(plan: Plan): GlanceRow[] {
  return plan.glance.map(({ shows, status }) => ({ metric: metricOf[shows], target: targetOf(plan, shows), status }));
}

function targetOf(plan: Plan, subject: Subject): string {
  switch (subject) {
    case "rto":
      return formatSeconds(plan.recovery.rto.seconds);
    case "rpo":
      return formatSeconds(strictestRpoSeconds(plan));
    case "monthly-uptime": {
      const month = plan.availability.find(({ window }) => window === "month");
      return month ? `${month.targetPercent} %` : "none";
    }
    case "backup-frequency":
      return `every ${formatSeconds(gapsBetweenRuns(plan.backups.fullExport)?.longestSeconds ?? Number.NaN)}`;
    case "restore-test":
    case "drill":
      return mostFrequent(plan, subject);
  }
}

function mostFrequent({ tests }: Plan, wanted: "restore-test" | "drill"): string {
  const cadences = tests.calendar.filter(({ kind }) => kind === wanted).map(({ every }) => every);
  return cadences.toSorted((a, b) => cadenceDays[a] - cadenceDays[b])[0] ?? "never";
}
