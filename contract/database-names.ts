/** Names inside SurrealDB. */

/** SurrealDB names. */
export const databaseNames = {
  /** Database of the active site until a restore gives it another generation. */
  initialDatabase: "main",
  /** Database beside the data: holds the record `site:state` and nothing that is exported. */
  continuityDatabase: "continuity",
  siteStateRecord: "site:state",
} as const;
