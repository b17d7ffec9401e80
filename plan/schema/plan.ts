/** Schema of the plan, shared by the loader, the types and editor completion. */
import type { z } from "zod";
import { communication, degradedMode } from "./communication.ts";
import { contacts, escalation } from "./escalation.ts";
import { section } from "./fields.ts";
import { about, glance, governance, resources, successFactors, tests } from "./governance.ts";
import { availability, performance, recovery } from "./objectives.ts";
import { failoverTargets, infrastructure, manualProcedures, team, tools } from "./operations.ts";
import { backups, traffic } from "./protection.ts";
import { recoveryPhases, tiers } from "./services.ts";
import { severities } from "./severities.ts";

export const planSchema = section({
  about,
  tiers,
  recoveryPhases,
  recovery,
  availability,
  performance,
  severities,
  backups,
  traffic,
  communication,
  degradedMode,
  manualProcedures,
  team,
  infrastructure,
  failoverTargets,
  tools,
  escalation,
  contacts,
  tests,
  governance,
  resources,
  glance,
  successFactors,
});

/** The parsed and validated plan; every duration is `{ iso, seconds }`. */
export type Plan = z.output<typeof planSchema>;
export type Tier = Plan["tiers"][number];
export type Service = Tier["services"][number];
export type RecoveryPhase = Plan["recoveryPhases"][number];
export type Severity = Plan["severities"][number];
export type StandbyMode = Tier["standby"];
export type JobSchedule = Plan["backups"]["fullExport"];
export type Audience = Plan["communication"]["audiences"][number];
export type MessageKind = Plan["communication"]["messages"][number];
export type Contact = Plan["contacts"][number];
export type CalendarEntry = Plan["tests"]["calendar"][number];
export type AvailabilityTarget = Plan["availability"][number];
export type PerformanceTarget = Plan["performance"][number];
