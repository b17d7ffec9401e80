/** `continuity writer show`: shows both regions' records and the sites' databases, and where they disagree. */
import { resolve as absolute } from "node:path";
import { newestRecord, standingOf, type Standing, type Writer } from "../../jobs/index.ts";
import { exitStatus } from "../cannot-run.ts";
import { Kubernetes } from "../kubernetes.ts";
import { ManagedStack, type StackSettings } from "../stacks.ts";
import { openBuckets, viewRecord, type RecordView } from "./records.ts";
import { viewState, type StateView } from "./site-state.ts";

export interface ShowOptions {
  stack: string[];
  project: string;
  json?: boolean;
}

export interface WriterView {
  records: RecordView[];
  states: StateView[];
  problems: string[];
}

/** Exit status: 0 everything agrees, 1 something disagrees or is unreachable. */
export async function writerShowCommand({ stack: stacks, project, json }: ShowOptions): Promise<number> {
  const projectDirectory = absolute(project);
  const opened = stacks.map(async (stack) => (await ManagedStack.select({ projectDirectory, stack })).settings());
  const view = await viewWriters(await Promise.all(opened));
  process.stdout.write(json === true ? `${JSON.stringify(view, undefined, 2)}\n` : describeWriters(view));
  return view.problems.length === 0 ? exitStatus.met : exitStatus.missed;
}

/** Reads both records and the state of each given stack's site concurrently, each with a time limit. */
export async function viewWriters(sites: readonly StackSettings[]): Promise<WriterView> {
  const [first] = sites;
  if (!first) throw new Error("no stack was given");
  const buckets = openBuckets(first.topology);
  try {
    const [records, states] = await Promise.all([
      Promise.all((["primary", "alternate"] as const).map((region) => viewRecord(region, buckets.of[region]))),
      Promise.all(sites.map((settings) => viewState(settings.site, clusterOf(settings)))),
    ]);
    return { records, states, problems: findProblems(records, states) };
  } finally {
    buckets.close();
  }
}

export const clusterOf =
  ({ namespace, kubeconfig, kubeContext: context }: StackSettings) =>
  (): Kubernetes =>
    new Kubernetes({ namespace, kubeconfig, context });

export function findProblems(records: readonly RecordView[], states: readonly StateView[]): string[] {
  const problems = records.flatMap(({ region, problem }) =>
    problem === undefined ? [] : [`${region} region: ${problem}`],
  );
  const [one, other] = records;
  if (one?.answers && other?.answers && one.problem === undefined && other.problem === undefined) {
    if (nameOf(one.writer) !== nameOf(other.writer)) {
      problems.push(`the regions' records differ: ${nameOf(one.writer)} and ${nameOf(other.writer)}`);
    }
  }
  for (const { site, state, problem } of states) {
    if (problem !== undefined) problems.push(`${site} site: ${problem}`);
    else if (state?.ready) problems.push(...standingProblems(site, state.epoch, newestOf(records)));
    else if (newestOf(records)?.site === site)
      problems.push(`the record names the ${site} site, whose database is not in use`);
  }
  const inUse = states.filter(({ state }) => state?.ready).map(({ site }) => site);
  if (inUse.length > 1) problems.push("the databases of both sites are in use: two writers");
  return problems;
}

const newestOf = (records: readonly RecordView[]): Writer | undefined =>
  newestRecord(records.map(({ writer }) => writer));

const meaning: Partial<Record<Standing, string>> = {
  ahead:
    "the record gives it a later epoch: its exports are rejected until `continuity writer set` updates the database's epoch",
  superseded: "another site took over: its exports are rejected",
  contradicted:
    "another site claims the same epoch: its exports are rejected until resolved with `continuity writer set`",
  stale: "the record is older than its database: the other site is not fenced; repair it with `continuity writer set`",
};

function standingProblems(site: StateView["site"], epoch: number, writer: Writer | undefined): string[] {
  const what = meaning[standingOf(writer, site, epoch)];
  return what === undefined ? [] : [`the ${site} site's database is in use in epoch ${epoch}, but ${what}`];
}

export const nameOf = (writer: Writer | undefined): string =>
  writer ? `${writer.site} since ${writer.since} in epoch ${writer.epoch}` : "no record";

export const describeRecord = ({ region, bucket, writer, answers, problem, unreadable }: RecordView): string => {
  const shown = !answers
    ? problem
    : unreadable === undefined
      ? nameOf(writer)
      : `unreadable: ${unreadable.trim().slice(0, 200)}`;
  return `${region.padEnd(9)}  ${bucket}: ${shown}`;
};

export const describeState = ({ site, state, problem }: StateView): string => {
  if (!state) return `${site.padEnd(9)}  unknown: ${problem}`;
  const use = state.ready ? `in use (database ${state.database})` : `not in use (${state.reason || "no reason given"})`;
  return `${site.padEnd(9)}  ${use}, epoch ${state.epoch}`;
};

export function describeWriters({ records, states, problems }: WriterView): string {
  const lines = [
    "writer records",
    ...records.map((record) => `  ${describeRecord(record)}`),
    "databases",
    ...states.map((state) => `  ${describeState(state)}`),
    ...problems.map((problem) => `  ! ${problem}`),
  ];
  return `${lines.join("\n")}\n`;
}
