/**
 * Entry point of the jobs' container image: one subcommand, one result line, and an exit status: 0 succeeded or nothing
 * to do, 1 failed, 2 invalid settings.
 */
import { performance } from "node:perf_hooks";
import { JobFailure, messageOf, secondsSince, type Details, type JobContext, type Result } from "./result.ts";
import { readSettings, SettingsError, type JobName } from "./settings.ts";

interface Run {
  job: JobName;
  /** Time limit of the job, in seconds; undefined: runs until stopped. */
  limitSeconds?: number | undefined;
  start(context: JobContext): Promise<Result>;
}

type Flags = ReadonlySet<string>;

/** Each subcommand loads only its own code: jobs often start as fresh processes. */
const commands: Record<string, { flags: string[]; prepare(flags: Flags, environment: NodeJS.ProcessEnv): Run }> = {
  "prepare-database": {
    flags: [],
    prepare: (_, environment) => {
      const settings = readSettings("prepare-database", environment);
      const start = async (context: JobContext) =>
        (await import("./prepare-database.ts")).runPrepareDatabase(settings, context);
      return { job: "prepare-database", start };
    },
  },
  export: {
    flags: ["--changes"],
    prepare: (flags, environment) => (flags.has("--changes") ? prepareChanges(environment) : prepareFull(environment)),
  },
  "restore-verify": {
    flags: [],
    prepare: (_, environment) => {
      const settings = readSettings("restore-verify", environment);
      const start = async (context: JobContext) =>
        (await import("./restore-verify.ts")).runRestoreVerify(settings, context);
      return { job: "restore-verify", limitSeconds: settings.RESTORE_TIMEOUT_SECONDS, start };
    },
  },
  "standby-sync": {
    flags: ["--once", "--promote"],
    prepare: (flags, environment) => {
      const settings = readSettings("standby-sync", environment);
      const chosen = { once: flags.has("--once"), promote: flags.has("--promote") };
      const start = async (context: JobContext) =>
        (await import("./standby/sync.ts")).runStandbySync(settings, chosen, context);
      // Waiting for the lease and catching up may each take PROMOTE_TIMEOUT_SECONDS; the five minutes are for the rest.
      const promoteSeconds = settings.PROMOTE_LIMIT_SECONDS ?? settings.PROMOTE_TIMEOUT_SECONDS * 2 + 300;
      const limitSeconds = chosen.promote ? promoteSeconds : undefined;
      return { job: "standby-sync", limitSeconds, start };
    },
  },
  "recovery-point-watch": {
    flags: ["--once"],
    prepare: (flags, environment) => {
      const settings = readSettings("recovery-point-watch", environment);
      const start = async (context: JobContext) =>
        (await import("./recovery-point-watch.ts")).runWatch(settings, flags.has("--once"), context);
      return { job: "recovery-point-watch", start };
    },
  },
  "traffic-watch": {
    flags: ["--once"],
    prepare: (flags, environment) => {
      const settings = readSettings("traffic-watch", environment);
      const start = async (context: JobContext) =>
        (await import("./traffic-watch.ts")).runTrafficWatch(settings, flags.has("--once"), context);
      return { job: "traffic-watch", start };
    },
  },
  "writer-guard": {
    flags: ["--once", "--resume"],
    prepare: (flags, environment) => {
      const settings = readSettings("writer-guard", environment);
      const chosen = { once: flags.has("--once"), resume: flags.has("--resume") };
      const start = async (context: JobContext) =>
        (await import("./writer-guard.ts")).runWriterGuard(settings, chosen, context);
      return { job: "writer-guard", start };
    },
  },
};

function prepareFull(environment: NodeJS.ProcessEnv): Run {
  const settings = readSettings("export", environment);
  const start = async (context: JobContext) => (await import("./export/full.ts")).runExport(settings, context);
  return { job: "export", limitSeconds: settings.EXPORT_TIMEOUT_SECONDS, start };
}

function prepareChanges(environment: NodeJS.ProcessEnv): Run {
  const settings = readSettings("export-changes", environment);
  const start = async (context: JobContext) =>
    (await import("./export/changes.ts")).runExportChanges(settings, context);
  return { job: "export-changes", limitSeconds: settings.EXPORT_TIMEOUT_SECONDS, start };
}

export interface Ended {
  /** 0 succeeded or nothing to do, 1 failed, 2 invalid settings. */
  status: number;
  /** The last line of standard output, as JSON. */
  result: { job: string; outcome: string; durationSeconds: number } & Details;
}

/** Runs a subcommand to its end. */
export async function runJob(words: string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  const startedAt = performance.now();
  const [name = "", ...rest] = words;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const unknown = rest.filter((word) => !command?.flags.includes(word));
  if (!command || unknown.length > 0) {
    process.stderr.write(`${usage()}\n`);
    return ended(name, startedAt, 2, {
      error: `unknown subcommand or flag: ${[...(command ? [] : [name]), ...unknown].join(" ")}`,
    });
  }
  let run: Run;
  try {
    run = command.prepare(new Set(rest), environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return ended(name, startedAt, 2, {
      error: "invalid settings",
      problems: error.problems.map(({ where, ...rest }) => ({ variable: where, ...rest })),
    });
  }
  return supervise(run, startedAt);
}

/** Ends the run at its time limit or on the container's stop signal, always with a result line. */
async function supervise(run: Run, startedAt: number): Promise<Ended> {
  const stop = new AbortController();
  const reasons: string[] = [];
  const end = (reason: string) => {
    reasons.push(reason);
    stop.abort(new Error(reason));
  };
  const onSignal = (signal: NodeJS.Signals) => end(`stopped by ${signal}`);
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  const limit =
    run.limitSeconds && setTimeout(() => end(`timed out after ${run.limitSeconds} s`), run.limitSeconds * 1000);
  const log = (line: string) => void process.stderr.write(`${run.job}: ${line}\n`);
  try {
    const { outcome, details } = await run.start({ signal: stop.signal, log });
    return ended(run.job, startedAt, outcome === "failed" ? 1 : 0, details, outcome);
  } catch (error) {
    const details = error instanceof JobFailure ? error.details : {};
    log(messageOf(error));
    const text = [...reasons, messageOf(error)].join(": ");
    return ended(run.job, startedAt, 1, { ...details, error: text }, "failed");
  } finally {
    clearTimeout(limit);
    process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
  }
}

function ended(job: string, startedAt: number, status: number, details: Details, outcome = "failed"): Ended {
  return { status, result: { job, outcome, durationSeconds: secondsSince(startedAt), ...details } };
}

const usage = (): string =>
  ["usage: main <job>", ...Object.entries(commands).map(([name, { flags }]) => `  ${[name, ...flags].join(" ")}`)].join(
    "\n",
  );

async function main(): Promise<void> {
  const { status, result } = await runJob(process.argv.slice(2), process.env);
  await new Promise((resolve) => process.stdout.write(`${JSON.stringify(result)}\n`, resolve));
  process.exit(status);
}

if (import.meta.main) void main();
