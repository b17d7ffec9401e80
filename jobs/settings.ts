/**
 * Every environment variable that a continuity job reads, with its meaning and
 * default. A job that starts with wrong settings says everything that is wrong
 * at once and ends with status 2, before it touches anything.
 */
import * as z from "zod";
import { writesStopWithinSeconds } from "../contract/index.ts";

/** The subcommands of the one image. */
export const jobNames = [
  "prepare-database",
  "export",
  "export-changes",
  "restore-verify",
  "standby-sync",
  "recovery-point-watch",
  "writer-guard",
] as const;
export type JobName = (typeof jobNames)[number];

const text = z.string().trim().min(1, "must not be empty");
const number = (minimum: number, fallback: number) => z.coerce.number().min(minimum).default(fallback);
const count = (minimum: number, fallback: number) => z.coerce.number().int().min(minimum).default(fallback);
/** A figure of the plan: the stack gives it, and there is no other place to take it from. */
const seconds = z.coerce.number().min(1);
const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" });

/** Read by every job. */
const common = {
  /** Region that this job serves. */
  SITE: z.enum(["primary", "alternate"]),
  /** What the site does now. */
  SITE_ROLE: z.enum(["active", "standby", "isolated"]),
  /** Name of the Kubernetes Job; `<cronjob>-<unix minutes>` can give the slot of the run. Omit: the slot is the time of start. */
  JOB_NAME: z.string().optional(),
};

/** Read by every job that speaks to AWS. */
const aws = {
  /** The job's own region: metrics and secrets are there. */
  AWS_REGION: text,
  /** Name prefix of the stack: the value of the metrics' one dimension. */
  APPLICATION: text,
  /** Seconds that one call to AWS may take, connecting included. */
  AWS_TIMEOUT_SECONDS: number(0.1, 20),
};

/** The site's database, by its root user. */
const database = {
  DATABASE_URL: httpUrl,
  DATABASE_NAMESPACE: text,
  DATABASE_USERNAME: text,
  DATABASE_PASSWORD: text,
  /** Seconds that one database call may take; for a stream, seconds without a byte. */
  DATABASE_TIMEOUT_SECONDS: number(0.1, 30),
};

/** Bucket of recovery points that the job writes or reads. */
const store = {
  BUCKET: text,
  BUCKET_REGION: text,
};

/** Bucket that keeps the evidence: the own region's. */
const evidence = {
  EVIDENCE_BUCKET: text,
  EVIDENCE_BUCKET_REGION: text,
};

/** What a restore needs. */
const restore = {
  /** Secrets Manager secret: JSON object from access name to key, or to `{ "key", "issuerKey" }` where they differ. */
  ACCESS_KEYS_SECRET_ID: text,
  /** Size of one import request, in bytes; bounds memory. */
  IMPORT_CHUNK_BYTES: count(1, 512 * 1024),
  /** Seconds that building one index may take. */
  INDEX_TIMEOUT_SECONDS: number(1, 900),
};

const exported = {
  ...common,
  ...aws,
  ...database,
  ...store,
  /** Secrets Manager secret with the key of every access, see above. Omit: whether a restore would find them is not checked. */
  ACCESS_KEYS_SECRET_ID: text.optional(),
  /**
   * Seconds ago that the scheduled time in JOB_NAME may be; an older or future one gives the time of start as slot.
   * The start deadline plus the run time limit of the schedule.
   */
  SCHEDULED_WITHIN_SECONDS: number(1, 1800),
  /** Days for which an uploaded object must be locked; 0 skips the check. The lock itself is the bucket's default. */
  RETENTION_DAYS: count(0, 0),
  /** An export with fewer than this share of the rows that the database itself counts is refused. 0 skips the check. */
  MINIMUM_ROWS_RATIO: z.coerce.number().min(0).max(1).default(0.5),
  /** Tables with fewer rows than this are not judged by MINIMUM_ROWS_RATIO. */
  LOSS_GUARD_ROWS: count(0, 100),
  /** A point in which a table lost more than this share of its rows is kept, but marked as suspicious. */
  SUSPICIOUS_SHRINK_RATIO: z.coerce.number().gt(0).lt(1).default(0.1),
  /** Tables that had at most so many rows are not judged. */
  SUSPICIOUS_SHRINK_ROWS: count(0, 1000),
  /** Seconds of the past with whose highest row counts a point is compared. */
  SUSPICIOUS_SHRINK_WITHIN_SECONDS: number(1, 3600),
  /** zstd level of the parts. */
  COMPRESSION_LEVEL: count(1, 3),
  /** Seconds after which the whole job gives up. Keep it below the Job's activeDeadlineSeconds. */
  EXPORT_TIMEOUT_SECONDS: number(1, 1500),
};

/** Settings of each job, by subcommand. */
export const schemas = {
  "prepare-database": z.object({
    ...common,
    ...database,
    /** Namespace-level user that the services sign in as. */
    SERVICES_USERNAME: text,
    SERVICES_PASSWORD: text,
    /** Seconds to keep trying while the database starts. */
    PREPARE_TIMEOUT_SECONDS: number(0.1, 120),
  }),
  export: z.object(exported),
  "export-changes": z.object({
    ...exported,
    /** Seconds before the last exported change from which the feed is read again. */
    CHANGES_OVERLAP_SECONDS: number(0, 5),
    /** Transactions (per table) in one page of the changefeed; one page with all its records is in memory at once. */
    CHANGES_PAGE_SIZE: z.coerce.number().int().min(2).max(1000).default(250),
  }),
  "restore-verify": z
    .object({
      ...common,
      ...aws,
      ...store,
      ...evidence,
      ...restore,
      ACCESS_KEYS_SECRET_ID: restore.ACCESS_KEYS_SECRET_ID.optional(),
      /** Address of the pod: the scratch database's sidecar listens on its port 8000. */
      POD_IP: text.optional(),
      /** Scratch database. Omit: `http://<POD_IP>:8000`. */
      SCRATCH_DATABASE_URL: httpUrl.optional(),
      DATABASE_NAMESPACE: database.DATABASE_NAMESPACE,
      DATABASE_USERNAME: database.DATABASE_USERNAME,
      DATABASE_PASSWORD: database.DATABASE_PASSWORD,
      DATABASE_TIMEOUT_SECONDS: database.DATABASE_TIMEOUT_SECONDS,
      /** Seconds to wait for the scratch database to answer. */
      PREPARE_TIMEOUT_SECONDS: number(0.1, 120),
      /** Seconds after which the whole restore test gives up. */
      RESTORE_TIMEOUT_SECONDS: number(1, 3600),
    })
    .refine((s) => s.POD_IP !== undefined || s.SCRATCH_DATABASE_URL !== undefined, {
      path: ["SCRATCH_DATABASE_URL"],
      when: () => true, // also beside other problems: all are reported at once
      error: "is missing and POD_IP is missing too: one of them must say where the scratch database is",
    }),
  "standby-sync": z.object({
    ...common,
    ...aws,
    ...database,
    ...store,
    ...evidence,
    ...restore,
    /** Most numbers per second that one sequence gives. A restored one leaves out what the lost writes may have taken. */
    SEQUENCE_NUMBERS_PER_SECOND: number(0.1, 100),
    /** Seconds of writing that a disaster can cost; a point that is older than that when it is restored counts as it is. */
    SEQUENCE_WINDOW_SECONDS: number(1, 6000),
    /** Seconds for which a point's missing part or parent may still be on its way; after that the point is refused. */
    REPLICATION_BOUND_SECONDS: number(1, 900),
    /** Seconds between two looks into the bucket. */
    STANDBY_POLL_SECONDS: number(0.1, 15),
    /** Seconds that the final catch-up before a promotion may take; then the newest verified point is promoted. */
    PROMOTE_TIMEOUT_SECONDS: number(1, 600),
    /** Seconds after which a promotion as a whole gives up. Omit: twice PROMOTE_TIMEOUT_SECONDS and five minutes. */
    PROMOTE_LIMIT_SECONDS: z.coerce.number().min(1).optional(),
    /**
     * Seconds of acknowledged work that a promotion may leave behind, measured from the promoted point's snapshot to
     * the start of the promotion and to the newest point in the bucket; beyond it the promotion fails before it
     * changes anything. `any`: every loss is accepted. Omit: any.
     */
    ACCEPTED_LOSS_SECONDS: z.union([z.literal("any"), z.coerce.number().min(0)]).default("any"),
    /**
     * What --promote does. `promote`: makes this site the writer, restoring its database where another site wrote since.
     * `adopt`: only gives a database that is in use, or that the writer guard took out of it, the epoch of a record that
     * names its site. `report`: changes nothing, gives the site's state and its record. Omit: promote.
     */
    PROMOTE_MODE: z.enum(["promote", "adopt", "report"]).default("promote"),
    /** Seconds after which another run may take over from one that died. */
    LEASE_SECONDS: number(1, 10),
  }),
  "recovery-point-watch": z.object({
    ...common,
    ...aws,
    ...evidence,
    /** Seconds between two publications of the age. */
    WATCH_INTERVAL_SECONDS: number(0.1, 60),
    /** Longest time between two full exports, in seconds. */
    FULL_EXPORT_INTERVAL_SECONDS: seconds,
    /** Seconds from a full export's scheduled time until its manifest must be there. */
    FULL_EXPORT_RUN_SECONDS: seconds,
    /** Longest time between two change exports, in seconds. */
    CHANGE_EXPORT_INTERVAL_SECONDS: seconds,
    /** Seconds from a change export's scheduled time until its manifest must be there. */
    CHANGE_EXPORT_RUN_SECONDS: seconds,
    /** Seconds within which an object must have reached the other region. */
    REPLICATION_SECONDS: seconds,
    /** Seconds within which a point that has arrived must be verified by the standby. */
    STANDBY_IMPORT_SECONDS: seconds,
    /** Longest time between two restore tests, in seconds. */
    RESTORE_TEST_INTERVAL_SECONDS: seconds,
    /** Seconds from a restore test's scheduled time until its evidence must be there. */
    RESTORE_TEST_RUN_SECONDS: seconds,
  }),
  "writer-guard": z
    .object({
      ...common,
      ...aws,
      ...database,
      DATABASE_TIMEOUT_SECONDS: number(0.1, 5),
      ...store,
      /** Bucket of the other region: either of the two records may be the newer one. */
      OTHER_BUCKET: text,
      OTHER_BUCKET_REGION: text,
      /** Seconds between two looks at the writer records. */
      GUARD_INTERVAL_SECONDS: number(0.1, 5),
      /** Seconds that reading one record may take; both are read at once. */
      RECORD_TIMEOUT_SECONDS: number(0.1, 5),
    })
    .refine(
      (s) =>
        s.GUARD_INTERVAL_SECONDS + s.RECORD_TIMEOUT_SECONDS + s.DATABASE_TIMEOUT_SECONDS <= writesStopWithinSeconds / 2,
      {
        path: ["GUARD_INTERVAL_SECONDS"],
        error:
          `with RECORD_TIMEOUT_SECONDS and DATABASE_TIMEOUT_SECONDS it must be at most ${writesStopWithinSeconds / 2} s: ` +
          `a superseded site acknowledges nothing after ${writesStopWithinSeconds} s, and its services need the rest`,
      },
    ),
} as const;

export type Settings<Name extends JobName> = z.infer<(typeof schemas)[Name]>;

/** One wrong variable: which, what it was, which rule it breaks, what to do. */
export interface SettingProblem {
  variable: string;
  /** As given; the values of passwords are never shown. */
  value: string;
  rule: string;
  remedy: string;
}

/** Thrown with every problem at once. */
export class SettingsError extends Error {
  readonly problems: SettingProblem[];
  constructor(job: string, problems: SettingProblem[]) {
    const lines = problems.map((p) => `  ${p.variable} is ${p.value}: ${p.rule}; ${p.remedy}`);
    super(`${job}: ${problems.length} wrong setting(s)\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/** The job's settings from the environment; an empty variable counts as missing. */
export function readSettings<Name extends JobName>(job: Name, environment: NodeJS.ProcessEnv): Settings<Name> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = (schemas[job] as unknown as z.ZodType<Settings<Name>>).safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    job,
    parsed.error.issues.map((issue) => problemOf(issue, given)),
  );
}

function problemOf(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): SettingProblem {
  const variable = issue.path.join(".");
  const value = given[variable];
  const shown = value === undefined ? "missing" : variable.includes("PASSWORD") ? "(hidden)" : JSON.stringify(value);
  const remedy = value === undefined ? `set ${variable} in the container's environment` : `correct ${variable}`;
  return { variable, value: shown, rule: value === undefined ? "it must be set" : issue.message, remedy };
}
