/** Load generation and its evaluation: numbered entries, acknowledgements, losses, outages. */
export { availability } from "./availability.ts";
export type { Attempt, Availability, Outage } from "./availability.ts";
export { compareLedger } from "./ledger.ts";
export type { Acknowledged, LedgerComparison, LedgerEntry, LedgerInput } from "./ledger.ts";
export { startLoad } from "./load.ts";
export type { Load, LoadOptions } from "./load.ts";
export { readLedger, seed } from "./seed.ts";
