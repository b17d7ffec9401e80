/** The plan's schema in the form that editors read, so that they complete and check continuity.yaml. */
import { z } from "zod";
import { planSchema } from "./schema/plan.ts";

export const schemaFile = new URL("continuity.schema.json", import.meta.url);

/** Text of continuity.schema.json. */
export function schemaText(): string {
  const schema = z.toJSONSchema(planSchema, { io: "input" });
  const described = { title: "Continuity plan", description: "Written by plan/generate-schema.ts.", ...schema };
  return `${JSON.stringify(described, undefined, 2)}\n`;
}
