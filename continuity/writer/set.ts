/**
 * `continuity writer set`: sets the writer manually, to repair a forged, stale or unreadable record. Changes the record
 * only if it is still the one shown, gives the site's own database the new epoch, and stores evidence of who did it and
 * why.
 */
import { resolve as absolute } from "node:path";
import { ConditionFailed, replaceWriter, timeAt, type Writer } from "../../jobs/index.ts";
import { bucketKeys, otherSite, type SiteName } from "../../contract/index.ts";
import { confirmByTyping } from "../confirm.ts";
import { CannotRun, exitStatus, messageOf } from "../cannot-run.ts";
import type { KubernetesApi } from "../kubernetes.ts";
import { ManagedStack, type StackSettings } from "../stacks.ts";
import { highestKnownEpoch } from "./known-epochs.ts";
import { openBuckets, viewRecord, type Objects, type RecordView } from "./records.ts";
import { clusterOf, describeRecord, describeState, nameOf } from "./show.ts";
import { adoptEpoch, viewState, type StateView } from "./site-state.ts";

export interface SetOptions {
  stack: string;
  /** New writer. */
  site: SiteName;
  /** Who decides. */
  by: string;
  reason: string;
  project: string;
  yes?: boolean;
  json?: boolean;
}

export interface SetResult {
  stack: string;
  by: string;
  reason: string;
  at: string;
  before: Pick<RecordView, "region" | "bucket" | "writer" | "unreadable" | "problem">[];
  /** State of the stack's own database before the change. */
  state: StateView;
  after: Writer;
  /** Buckets with the new record. */
  buckets: string[];
  /** New epoch of the site's own database; undefined: unchanged. */
  databaseEpoch: number | undefined;
  /** Steps that failed. */
  problems: string[];
  evidence?: string;
}

/**
 * Exit status: 0 record, database and evidence are written, 1 the record is written but something else is not, 2
 * nothing was changed.
 */
export async function writerSetCommand(options: SetOptions): Promise<number> {
  const stack = await ManagedStack.select({ projectDirectory: absolute(options.project), stack: options.stack });
  const settings = await stack.settings();
  const buckets = openBuckets(settings.topology);
  try {
    const result = await setWriter({ options, settings, buckets: buckets.of, kubernetes: clusterOf(settings) });
    process.stdout.write(options.json === true ? `${JSON.stringify(result, undefined, 2)}\n` : describe(result));
    return result.problems.length === 0 ? exitStatus.met : exitStatus.missed;
  } finally {
    buckets.close();
  }
}

export interface SetArgs {
  options: SetOptions;
  settings: StackSettings;
  buckets: Record<SiteName, Objects>;
  kubernetes: () => KubernetesApi;
  /** @default asks at the terminal */
  confirm?: (question: string, answer: string) => Promise<boolean>;
}

/** @throws CannotRun if nothing was changed */
export async function setWriter(args: SetArgs): Promise<SetResult> {
  const { options, settings, buckets, kubernetes } = args;
  const [own, other] = [settings.site, otherSite(settings.site)];
  const [ownRecord, otherRecord, state] = await Promise.all([
    viewRecord(own, buckets[own]),
    viewRecord(other, buckets[other]),
    viewState(own, kubernetes),
  ]);
  if (!ownRecord.answers) throw new CannotRun(`${ownRecord.bucket} ${ownRecord.problem}; nothing was changed`);
  const records = [ownRecord, otherRecord];
  const epoch = (await highestKnownEpoch(buckets[own], records, [state])) + 1;
  // By the clock of S3: a record from the future is refused, and a backdated one invalidates good recovery points.
  const at = new Date(timeAt(buckets[own])).toISOString();
  const next: Writer = { site: options.site, epoch, since: at };
  await confirmed(args, { records, state, next });
  const result: SetResult = {
    stack: options.stack,
    by: options.by,
    reason: options.reason,
    at,
    before: records.map(({ condition: _, answers: __, ...record }) => record),
    state,
    after: next,
    buckets: [],
    databaseEpoch: undefined,
    problems: [],
  };
  await writeOwn(buckets[own], ownRecord, next);
  result.buckets.push(ownRecord.bucket);
  await writeOther(buckets[other], otherRecord, result);
  await adopt(args, result);
  return keepEvidence(buckets[own], result);
}

interface Shown {
  records: readonly RecordView[];
  state: StateView;
  next: Writer;
}

async function confirmed(
  { options, confirm = confirmByTyping }: SetArgs,
  { records, state, next }: Shown,
): Promise<void> {
  if (options.yes === true) return;
  const question = [
    ...records.map(describeRecord),
    `database: ${describeState(state)}`,
    `becomes:  ${nameOf(next)}`,
    `The ${otherSite(next.site)} site, if it writes, is fenced. Type ${next.site} to continue: `,
  ].join("\n");
  if (!(await confirm(question, next.site))) throw new CannotRun("not confirmed; nothing was changed");
}

async function writeOwn(objects: Objects, { condition }: RecordView, next: Writer): Promise<void> {
  try {
    await replaceWriter(objects, next, condition);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const remedy = "check it again with `continuity writer show`";
    throw new CannotRun(`${messageOf(error)}; nothing was changed`, [remedy]);
  }
}

/** The other region receives the record by replication too; writing it directly makes it effective immediately. */
async function writeOther(
  objects: Objects,
  { condition, answers, problem }: RecordView,
  result: SetResult,
): Promise<void> {
  try {
    if (!answers) throw new Error(problem);
    await replaceWriter(objects, result.after, condition);
    result.buckets.push(objects.bucket);
  } catch (error) {
    result.problems.push(`${objects.bucket} does not have the record yet: ${messageOf(error)}`);
  }
}

/**
 * Exports are valid only in the record's epoch, so the database must have it too. A job decides whether it may, without
 * restoring anything.
 */
async function adopt({ settings, kubernetes }: SetArgs, result: SetResult): Promise<void> {
  const { site } = result.after;
  if (settings.site !== site) {
    const remedy = "run the command with that site's own stack";
    result.problems.push(`the ${site} site's database does not have epoch ${result.after.epoch} yet; ${remedy}`);
    return;
  }
  try {
    result.databaseEpoch = await adoptEpoch(kubernetes());
  } catch (error) {
    const remedy = "until it does, its exports are rejected; run this command again, or promote the site";
    result.problems.push(`the ${site} site's database did not adopt the epoch: ${messageOf(error)}; ${remedy}`);
  }
}

/** Locked on arrival, like all evidence. */
async function keepEvidence(objects: Objects, result: SetResult): Promise<SetResult> {
  const key = `${bucketKeys.writerEvidencePrefix}${result.at.replaceAll(":", "")}.json`;
  try {
    await objects.writeIf(key, result, { ifNoneMatch: "*" });
    return { ...result, evidence: key };
  } catch (error) {
    return { ...result, problems: [...result.problems, `cannot store the evidence: ${messageOf(error)}`] };
  }
}

function describe({ after, buckets, databaseEpoch, problems, evidence }: SetResult): string {
  const lines = [
    `The writer is ${nameOf(after)}; recorded in ${buckets.join(" and ")}.`,
    ...(databaseEpoch === undefined
      ? []
      : [`The ${after.site} site's database is in epoch ${databaseEpoch}: its exports are valid.`]),
    `Evidence: ${evidence ?? "not stored"}`,
    ...problems.map((problem) => `  ! ${problem}`),
  ];
  return `${lines.join("\n")}\n`;
}
