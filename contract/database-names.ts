/** Names inside SurrealDB. */
export const databaseNames = {
  /** Database of the active site until a restore creates another generation. */
  initialDatabase: "main",
  /** Database for the record `site:state`; never exported. */
  continuityDatabase: "continuity",
  /** Record with the site's role and its current database generation. */
  siteStateRecord: "site:state",
} as const;
