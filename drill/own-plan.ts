import { fileURLToPath } from "node:url";
import { planPath } from "../contract/index.ts";

/** The plan of a drill that names no other. */
export const ownPlanFile = planPath(fileURLToPath(new URL("..", import.meta.url)));
