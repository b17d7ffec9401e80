/** The plan of this repository, an example to every other project. */
import { fileURLToPath } from "node:url";
import { loadPlan } from "../../contract/index.ts";

export const examplePlanFile = fileURLToPath(new URL("../../plan/continuity.yaml", import.meta.url));

export const examplePlan = () => loadPlan(examplePlanFile);
