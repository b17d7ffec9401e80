import type { Values } from "../continuity/command-line/definition.ts";
import { readValues } from "../continuity/command-line/read.ts";
import { absoluteFile, oneOf, outputDirectory, wholeNumber } from "../continuity/command-line/value-kinds.ts";

const scenarios = ["region-loss"] as const;

const faultNames = ["export-truncated", "export-empty", "export-loses-rows"] as const;
export type FaultName = (typeof faultNames)[number];

export const drillOptions = {
  scenario: { description: "what happens", takes: oneOf("name", scenarios), default: "region-loss" },
  rows: {
    description: "entries in the database before the loss",
    takes: wholeNumber("n", { from: 1, to: 1_000_000, example: 10_000 }),
    default: "10000",
  },
  out: { description: "write report.json, report.html and timeline.svg there", takes: outputDirectory },
  keep: { description: "leave both regions running afterwards, until Ctrl-C" },
  plan: { description: "another plan file", takes: absoluteFile },
  fault: { description: "make the export fail silently", takes: oneOf("name", faultNames) },
} as const;

export type DrillOptions = Values<typeof drillOptions>;

/**
 * The options from texts, as the command line has them; what is left out has its default.
 * @throws CannotRun with everything that is wrong at once
 */
export const readDrillOptions = (texts: Partial<Record<keyof DrillOptions, string>>): DrillOptions =>
  readValues("drill", { options: drillOptions, arguments: {} }, { options: texts, rest: [] });
