/** Regenerates continuity.schema.json from the plan's schema. */
import { writeFileSync } from "node:fs";
import { schemaFile, schemaText } from "./json-schema.ts";

writeFileSync(schemaFile, schemaText());
