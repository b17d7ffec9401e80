/** Writes continuity.schema.json anew after the plan's schema has changed. */
import { writeFileSync } from "node:fs";
import { schemaFile, schemaText } from "./json-schema.ts";

writeFileSync(schemaFile, schemaText());
