import { databaseNames } from "../contract/index.ts";
import type { FaultName } from "./options.ts";

/** Only the data's own exports go wrong, not those by which a restore is verified. */
const ofTheData = { FAULT_EXPORT_OF: databaseNames.initialDatabase };

/** Ways in which the database's export can fail silently, to see that the drill notices. */
export const faults: Readonly<Record<FaultName, Record<string, string>>> = {
  "export-truncated": { FAULT_EXPORT: "truncate-statement", ...ofTheData },
  "export-empty": { FAULT_EXPORT: "empty", ...ofTheData },
  "export-loses-rows": { FAULT_EXPORT: "lose-rows", ...ofTheData },
};
