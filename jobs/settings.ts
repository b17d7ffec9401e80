/**
 * Environment variables of the continuity jobs, with defaults. A job with invalid settings reports all problems at once
 * and exits with status 2 before it changes anything.
 */
import * as z from "zod";
import { describeProblem, problem, writesStopWithinSeconds, type Problem } from "../contract/index.ts";

/** Subcommands of the jobs image. */
export type JobName =
  | "prepare-database"
  | "export"
  | "export-changes"
  | "restore-verify"
  | "standby-sync"
  | "recovery-point-watch"
  | "writer-guard"
  | "traffic-watch";

const text = z.string().trim().min(1, "must not be empty");
const number = (minimum: number, fallback: number) => z.coerce.number().min(minimum).default(fallback);
const count = (minimum: number, fallback: number) => z.coerce.number().int().min(minimum).default(fallback);
/** A figure of the plan, in seconds: set by the stack, without a default. */
const seconds = z.coerce.number().min(1);
const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" });

/** Settings of every job. */
const common = {
  /** Site that the job belongs to. */
  SITE: z.enum(["primary", "alternate"]),
  /** Role of the site: only an `active` site exports, only a `standby` site imports, an `isolated` one does neither. */
  SITE_ROLE: z.enum(["active", "standby", "isolated"]),
  /**
   * Name of the Kubernetes Job. A CronJob's `<cronjob>-<Unix minutes>` determines the slot of the run. Omit: the slot
   * is the start time.
   */
  JOB_NAME: z.string().optional(),
};

/** Settings of jobs that call AWS. */
const aws = {
  /** AWS region of the site, for metrics and secrets. */
  AWS_REGION: text,
  /** Application name: the value of the metrics' only dimension. */
  APPLICATION: text,
  /**
   * Time limit of one AWS call including connecting, in seconds.
   * @default 20
   * @minimum 0.1
   */
  AWS_TIMEOUT_SECONDS: number(0.1, 20),
};

/** The site's database server, accessed as root user. */
const database = {
  /**
   * Base URL of the database server.
   * @format uri
   */
  DATABASE_URL: httpUrl,
  /** Namespace of the services' databases. */
  DATABASE_NAMESPACE: text,
  /** Name of the root user. */
  DATABASE_USERNAME: text,
  /**
   * Password of the root user; never shown in messages.
   * @format password
   */
  DATABASE_PASSWORD: text,
  /**
   * Time limit of one database call, in seconds; for a stream, of each pause between two chunks.
   * @default 30
   * @minimum 0.1
   */
  DATABASE_TIMEOUT_SECONDS: number(0.1, 30),
};

/** Bucket of recovery points. */
const store = {
  /** Bucket that the job writes to or reads from. */
  BUCKET: text,
  /** AWS region of BUCKET. */
  BUCKET_REGION: text,
};

/** Bucket of the evidence, in the site's own region. */
const evidence = {
  /** Bucket that evidence is written to or read from. */
  EVIDENCE_BUCKET: text,
  /** AWS region of EVIDENCE_BUCKET. */
  EVIDENCE_BUCKET_REGION: text,
};

/** Settings of restores. */
const restore = {
  /**
   * Secrets Manager secret with a JSON object from access name to key, or to `{ "key", "issuerKey" }` for asymmetric
   * algorithms.
   */
  ACCESS_KEYS_SECRET_ID: text,
  /**
   * Size of one import request, in bytes; bounds memory.
   * @default 524288
   * @minimum 1
   */
  IMPORT_CHUNK_BYTES: count(1, 512 * 1024),
  /**
   * Time limit for building one index, in seconds.
   * @default 900
   * @minimum 1
   */
  INDEX_TIMEOUT_SECONDS: number(1, 900),
};

/** Settings of both kinds of export. */
const exported = {
  ...common,
  ...aws,
  ...database,
  ...store,
  /** Secrets Manager secret as for restores. Omit: exports do not check whether every access has a key. */
  ACCESS_KEYS_SECRET_ID: text.optional(),
  /**
   * Maximum age of the scheduled time in JOB_NAME, in seconds: start deadline plus run time limit of the schedule.
   * Beyond it, and for future times, the slot is the start time.
   * @default 1800
   * @minimum 1
   */
  SCHEDULED_WITHIN_SECONDS: number(1, 1800),
  /**
   * Days for which uploaded objects must be locked; 0 disables the check. The lock itself is the bucket's default
   * retention.
   * @default 0
   * @minimum 0
   */
  RETENTION_DAYS: count(0, 0),
  /**
   * Smallest accepted ratio of exported rows to rows in the database, per table; 0 disables the check.
   * @default 0.5
   * @minimum 0
   * @maximum 1
   */
  MINIMUM_ROWS_RATIO: z.coerce.number().min(0).max(1).default(0.5),
  /**
   * Tables with fewer rows are exempt from MINIMUM_ROWS_RATIO.
   * @default 100
   * @minimum 0
   */
  LOSS_GUARD_ROWS: count(0, 100),
  /**
   * A recovery point in which a table lost more than this share of its rows is kept but marked as suspicious; above 0
   * and below 1.
   * @default 0.1
   */
  SUSPICIOUS_SHRINK_RATIO: z.coerce.number().gt(0).lt(1).default(0.1),
  /**
   * Tables with at most this many rows are exempt from SUSPICIOUS_SHRINK_RATIO.
   * @default 1000
   * @minimum 0
   */
  SUSPICIOUS_SHRINK_ROWS: count(0, 1000),
  /**
   * Rows are compared with the table's maximum over this many seconds.
   * @default 3600
   * @minimum 1
   */
  SUSPICIOUS_SHRINK_WITHIN_SECONDS: number(1, 3600),
  /**
   * zstd compression level of the parts.
   * @default 3
   * @minimum 1
   */
  COMPRESSION_LEVEL: count(1, 3),
  /**
   * Time limit of the job, in seconds; keep it below the Job's activeDeadlineSeconds.
   * @default 1500
   * @minimum 1
   */
  EXPORT_TIMEOUT_SECONDS: number(1, 1500),
};

/** Settings of each job, by subcommand. */
const schemas = {
  "prepare-database": z.object({
    ...common,
    ...database,
    /** Name of the namespace user that the services sign in as. */
    SERVICES_USERNAME: text,
    /**
     * Password of SERVICES_USERNAME; never shown in messages.
     * @format password
     */
    SERVICES_PASSWORD: text,
    /**
     * Seconds to wait for the database to respond.
     * @default 120
     * @minimum 0.1
     */
    PREPARE_TIMEOUT_SECONDS: number(0.1, 120),
  }),
  export: z.object(exported),
  "export-changes": z.object({
    ...exported,
    /**
     * Overlap of consecutive change exports, in seconds: covers transactions that commit after a later position has
     * been read.
     * @default 5
     * @minimum 0
     */
    CHANGES_OVERLAP_SECONDS: number(0, 5),
    /**
     * Entries per page of the changefeed; a transaction has one per table. One page is in memory at once.
     * @default 250
     * @minimum 2
     * @maximum 1000
     */
    CHANGES_PAGE_SIZE: z.coerce.number().int().min(2).max(1000).default(250),
  }),
  "restore-verify": z
    .object({
      ...common,
      ...aws,
      ...store,
      ...evidence,
      ...restore,
      /** Secrets Manager secret as for restores. Omit: the restore test does not check access keys. */
      ACCESS_KEYS_SECRET_ID: restore.ACCESS_KEYS_SECRET_ID.optional(),
      /**
       * IP address of the pod, where the scratch database's sidecar listens on port 8000. Required unless
       * SCRATCH_DATABASE_URL is set.
       */
      POD_IP: text.optional(),
      /**
       * Base URL of the scratch database. Omit: `http://<POD_IP>:8000`.
       * @format uri
       */
      SCRATCH_DATABASE_URL: httpUrl.optional(),
      DATABASE_NAMESPACE: database.DATABASE_NAMESPACE,
      DATABASE_USERNAME: database.DATABASE_USERNAME,
      DATABASE_PASSWORD: database.DATABASE_PASSWORD,
      DATABASE_TIMEOUT_SECONDS: database.DATABASE_TIMEOUT_SECONDS,
      /**
       * Seconds to wait for the scratch database to respond.
       * @default 120
       * @minimum 0.1
       */
      PREPARE_TIMEOUT_SECONDS: number(0.1, 120),
      /**
       * Time limit of the restore test, in seconds.
       * @default 3600
       * @minimum 1
       */
      RESTORE_TIMEOUT_SECONDS: number(1, 3600),
    })
    .refine((s) => s.POD_IP !== undefined || s.SCRATCH_DATABASE_URL !== undefined, {
      path: ["SCRATCH_DATABASE_URL"],
      when: () => true, // also in the presence of other problems, so that all are reported at once
      error: "and POD_IP are both missing: one of them must locate the scratch database",
    }),
  "standby-sync": z.object({
    ...common,
    ...aws,
    ...database,
    ...store,
    ...evidence,
    ...restore,
    /**
     * Maximum rate at which a sequence is used, in numbers per second. Restored sequences skip what lost writes may
     * have taken.
     * @default 100
     * @minimum 0.1
     */
    SEQUENCE_NUMBERS_PER_SECOND: number(0.1, 100),
    /**
     * Worst-case data loss, in seconds, for SEQUENCE_NUMBERS_PER_SECOND; for an older recovery point its age is used
     * instead.
     * @default 6000
     * @minimum 1
     */
    SEQUENCE_WINDOW_SECONDS: number(1, 6000),
    /**
     * Seconds for which a missing part or parent may still be replicating; after that the recovery point is refused.
     * @default 900
     * @minimum 1
     */
    REPLICATION_BOUND_SECONDS: number(1, 900),
    /**
     * Seconds between two scans of the bucket.
     * @default 15
     * @minimum 0.1
     */
    STANDBY_POLL_SECONDS: number(0.1, 15),
    /**
     * Time limit of the final catch-up of a promotion, in seconds; after it the newest verified recovery point is
     * promoted.
     * @default 600
     * @minimum 1
     */
    PROMOTE_TIMEOUT_SECONDS: number(1, 600),
    /**
     * Time limit of a promotion as a whole, in seconds. Omit: twice PROMOTE_TIMEOUT_SECONDS plus five minutes.
     * @minimum 1
     */
    PROMOTE_LIMIT_SECONDS: z.coerce.number().min(1).optional(),
    /**
     * Seconds of acknowledged work that a promotion may lose, from the promoted recovery point's snapshot to the start
     * of the promotion and to the newest recovery point in the bucket. Beyond it the promotion fails before it changes
     * anything. `any` accepts every loss.
     * @default any
     * @minimum 0
     */
    ACCEPTED_LOSS_SECONDS: z.union([z.literal("any"), z.coerce.number().min(0)]).default("any"),
    /**
     * Mode of --promote. `promote`: makes this site the writer, restoring its database if another site has written
     * since. `adopt`: only sets the epoch of a record that names this site, for a database that is in use or was fenced
     * by the writer guard. `report`: read-only, reports the site state and the writer record.
     * @default promote
     */
    PROMOTE_MODE: z.enum(["promote", "adopt", "report"]).default("promote"),
    /**
     * Lifetime of the lease in seconds; after it another run may take over from a dead one.
     * @default 10
     * @minimum 1
     */
    LEASE_SECONDS: number(1, 10),
  }),
  "recovery-point-watch": z.object({
    ...common,
    ...aws,
    ...evidence,
    /**
     * Seconds between two publications of the age.
     * @default 60
     * @minimum 0.1
     */
    WATCH_INTERVAL_SECONDS: number(0.1, 60),
    /**
     * Longest interval between two full exports, in seconds.
     * @minimum 1
     */
    FULL_EXPORT_INTERVAL_SECONDS: seconds,
    /**
     * Seconds from a full export's scheduled time until its manifest must exist.
     * @minimum 1
     */
    FULL_EXPORT_RUN_SECONDS: seconds,
    /**
     * Longest interval between two change exports, in seconds.
     * @minimum 1
     */
    CHANGE_EXPORT_INTERVAL_SECONDS: seconds,
    /**
     * Seconds from a change export's scheduled time until its manifest must exist.
     * @minimum 1
     */
    CHANGE_EXPORT_RUN_SECONDS: seconds,
    /**
     * Seconds within which an object must be replicated to the other region.
     * @minimum 1
     */
    REPLICATION_SECONDS: seconds,
    /**
     * Seconds within which the standby must verify a recovery point that has arrived.
     * @minimum 1
     */
    STANDBY_IMPORT_SECONDS: seconds,
    /**
     * Longest interval between two restore tests, in seconds.
     * @minimum 1
     */
    RESTORE_TEST_INTERVAL_SECONDS: seconds,
    /**
     * Seconds from a restore test's scheduled time until its evidence must exist.
     * @minimum 1
     */
    RESTORE_TEST_RUN_SECONDS: seconds,
  }),
  "traffic-watch": z.object({
    ...common,
    ...aws,
    ...store,
    /** Bucket of the other region; either of the two writer records may be the newer one. */
    OTHER_BUCKET: text,
    /** AWS region of OTHER_BUCKET. */
    OTHER_BUCKET_REGION: text,
    /** CloudWatch alarm that is the traffic switch: in ALARM, traffic goes to the alternate site. */
    SWITCH_ALARM: text,
    /** AWS region of the switch: the alternate one. */
    SWITCH_REGION: text,
    /**
     * Seconds between two publications; not longer than the alarm's period, so that every period has a value.
     * @default 60
     * @minimum 0.1
     */
    SWITCH_INTERVAL_SECONDS: number(0.1, 60),
  }),
  "writer-guard": z
    .object({
      ...common,
      ...aws,
      ...database,
      /**
       * Time limit of one database call, in seconds; shorter than for other jobs, see GUARD_INTERVAL_SECONDS.
       * @default 5
       * @minimum 0.1
       */
      DATABASE_TIMEOUT_SECONDS: number(0.1, 5),
      ...store,
      /** Bucket of the other region; either of the two writer records may be the newer one. */
      OTHER_BUCKET: text,
      /** AWS region of OTHER_BUCKET. */
      OTHER_BUCKET_REGION: text,
      /**
       * Seconds between two checks of the writer records. Together with RECORD_TIMEOUT_SECONDS and
       * DATABASE_TIMEOUT_SECONDS at most half of the time within which a superseded site must stop writing.
       * @default 5
       * @minimum 0.1
       */
      GUARD_INTERVAL_SECONDS: number(0.1, 5),
      /**
       * Time limit of reading one record, in seconds; both are read concurrently.
       * @default 5
       * @minimum 0.1
       */
      RECORD_TIMEOUT_SECONDS: number(0.1, 5),
    })
    .refine(
      (s) =>
        s.GUARD_INTERVAL_SECONDS + s.RECORD_TIMEOUT_SECONDS + s.DATABASE_TIMEOUT_SECONDS <= writesStopWithinSeconds / 2,
      {
        path: ["GUARD_INTERVAL_SECONDS"],
        error:
          `with RECORD_TIMEOUT_SECONDS and DATABASE_TIMEOUT_SECONDS it must be at most ${writesStopWithinSeconds / 2} s: ` +
          `a superseded site must stop writing within ${writesStopWithinSeconds} s, and its services need the rest`,
      },
    ),
} as const;

export type Settings<Name extends JobName> = z.infer<(typeof schemas)[Name]>;

/** Reports all problems at once. */
export class SettingsError extends Error {
  readonly problems: Problem[];
  constructor(job: string, problems: Problem[]) {
    const lines = problems.map((found) => `  ${describeProblem(found)}`);
    super(`${job}: ${problems.length} invalid setting(s)\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/** Parses a job's settings from the environment; an empty variable counts as missing. */
export function readSettings<Name extends JobName>(job: Name, environment: NodeJS.ProcessEnv): Settings<Name> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = (schemas[job] as unknown as z.ZodType<Settings<Name>>).safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    job,
    parsed.error.issues.map((issue) => problemOf(issue, given)),
  );
}

/** The values of passwords are never shown. */
function problemOf(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): Problem {
  const variable = issue.path.join(".");
  const value = given[variable];
  const remedy = value === undefined ? `set ${variable} in the container's environment` : `correct ${variable}`;
  const found = problem(variable, value, value === undefined ? "it must be set" : issue.message, remedy);
  return value !== undefined && variable.includes("PASSWORD") ? { ...found, value: "(hidden)" } : found;
}
