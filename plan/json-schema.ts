/** The plan's schema as JSON Schema, for validation and completion in editors. */
import { z } from "zod";
import { planSchema } from "./schema/plan.ts";

export const schemaFile = new URL("continuity.schema.json", import.meta.url);

/** Content of continuity.schema.json. */
export function schemaText(): string {
  const schema = z.toJSONSchema(planSchema, { io: "input" });
  const described = { title: "Continuity plan", description: "Written by plan/generate-schema.ts.", ...schema };
  return `${JSON.stringify(described, undefined, 2)}\n`;
}
