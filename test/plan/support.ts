/** Plans for tests: the real one with changes. */
import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { parsePlan } from "../../contract/index.ts";
import { PlanError, type Plan, type Problem } from "../../plan/index.ts";

export const planText = readFileSync(new URL("../../plan/continuity.yaml", import.meta.url), "utf8");

/** Untyped plan data. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Editable = any;

export type Edit = (plan: Editable) => void;

const original: Editable = parse(planText);

/** The real plan's data after an edit. */
export function edited(edit: Edit): unknown {
  const data: Editable = structuredClone(original);
  edit(data);
  return data;
}

/** Text of the real plan after an edit. */
export const editedText = (edit: Edit): string => stringify(edited(edit), { aliasDuplicateObjects: false });

/** The real plan after an edit that leaves it consistent. */
export const planWith = (edit: Edit): Plan => parsePlan(editedText(edit), "edited plan");

/** Problems of a text that is not a valid plan; empty if it is. */
export function problemsOf(text: string): readonly Problem[] {
  try {
    parsePlan(text, "test");
    return [];
  } catch (error) {
    if (error instanceof PlanError) return error.problems;
    throw error;
  }
}

/** Problems of the real plan after an edit. */
export const problemsAfter = (edit: Edit): readonly Problem[] => problemsOf(editedText(edit));
