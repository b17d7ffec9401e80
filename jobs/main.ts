/**
 * Entry of the jobs' container image: one subcommand, one result line, and an
 * exit status: 0 done or nothing to do, 1 failed, 2 wrong settings.
 */
import { performance } from "node:perf_hooks";
import { JobFailure, messageOf, secondsSince, type Details, type JobContext, type Result } from "./result.ts";
import { readSettings, SettingsError, type JobName } from "./settings.ts";

interface Run {
  job: JobName;
  /** Seconds after which the job is ended from inside; undefined: it runs until it is stopped. */
  limitSeconds?: number | undefined;
  start(context: JobContext): Promise<Result>;
}

type Flags = ReadonlySet<string>;

/** Each subcommand loads its own code only: jobs start as fresh processes, often. */
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

/** Runs a subcommand to its end and gives the exit status. */
export async function main(words: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = performance.now();
  const [name = "", ...rest] = words;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const unknown = rest.filter((word) => !command?.flags.includes(word));
  if (!command || unknown.length > 0) {
    process.stderr.write(`${usage()}\n`);
    return finish(name, startedAt, 2, { error: `unknown: ${[...(command ? [] : [name]), ...unknown].join(" ")}` });
  }
  let run: Run;
  try {
    run = command.prepare(new Set(rest), environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return finish(name, startedAt, 2, { error: "wrong settings", problems: error.problems });
  }
  return supervise(run, startedAt);
}

/** Ends the run by its time limit or by the container's stop signal, never by falling over. */
async function supervise(run: Run, startedAt: number): Promise<number> {
  const stop = new AbortController();
  const reasons: string[] = [];
  const end = (reason: string) => {
    reasons.push(reason);
    stop.abort(new Error(reason));
  };
  const onSignal = (signal: NodeJS.Signals) => end(`stopped by ${signal}`);
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  const limit =
    run.limitSeconds && setTimeout(() => end(`not done within ${run.limitSeconds} s`), run.limitSeconds * 1000);
  const log = (line: string) => void process.stderr.write(`${run.job}: ${line}\n`);
  try {
    const { outcome, details } = await run.start({ signal: stop.signal, log });
    return await finish(run.job, startedAt, outcome === "failed" ? 1 : 0, details, outcome);
  } catch (error) {
    const details = error instanceof JobFailure ? error.details : {};
    log(messageOf(error));
    const text = [...reasons, messageOf(error)].join(": ");
    return await finish(run.job, startedAt, 1, { ...details, error: text }, "failed");
  } finally {
    clearTimeout(limit);
    process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
  }
}

async function finish(job: string, startedAt: number, status: number, details: Details, outcome = "failed") {
  const line = JSON.stringify({ job, outcome, durationSeconds: secondsSince(startedAt), ...details });
  await new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));
  return status;
}

const usage = (): string =>
  ["usage: main <job>", ...Object.entries(commands).map(([name, { flags }]) => `  ${[name, ...flags].join(" ")}`)].join(
    "\n",
  );

if (import.meta.main) process.exit(await main(process.argv.slice(2), process.env));
