/** Load generation and its evaluation: numbered entries, acknowledgements, losses, outages. */
export { availability } from "./availability.ts";
export type { Attempt } from "./availability.ts";
export { compareLedger } from "./ledger.ts";
export type { Acknowledged, LedgerEntry } from "./ledger.ts";
export { startLoad } from "./load.ts";
export type { Load } from "./load.ts";
export { readLedger, seed } from "./seed.ts";
