/**
 * Sequences restart at their START value in an imported database and would repeat numbers. They are advanced beyond
 * every number that lost writes may have taken.
 */
import { clockToleranceSeconds } from "../points/clock.ts";
import { identifier, literal, type Database } from "./client.ts";
import { readDefinitions, type Definitions } from "./definitions.ts";

export interface SequencePosition {
  /** Next value. */
  value: number;
  /** Numbers that a server reserves at once. */
  batch: number;
  /** Numbers taken per second before the recovery point, as observed by exports. Missing: not observed. */
  perSecond?: number | undefined;
}

/** Upper bound of the numbers taken by lost writes: a rate and a duration. */
export interface SequenceReserve {
  perSecond: number;
  seconds: number;
}

export interface ReserveSettings {
  SEQUENCE_NUMBERS_PER_SECOND: number;
  SEQUENCE_WINDOW_SECONDS: number;
}

/** Reserve for the writes lost since the snapshot: its age, but at least the worst-case data loss. */
export function sequenceReserve(settings: ReserveSettings, snapshotAt: string, now: number = Date.now()) {
  const ageSeconds = (now - Date.parse(snapshotAt)) / 1000 + clockToleranceSeconds;
  const seconds = Math.max(settings.SEQUENCE_WINDOW_SECONDS, ageSeconds);
  return { perSecond: settings.SEQUENCE_NUMBERS_PER_SECOND, seconds } satisfies SequenceReserve;
}

/** Safety factor on the observed rate, which may have risen since. */
const safety = 2;

/** Plausibility limit; a higher recorded rate is an error. */
export const mostNumbersPerSecond = 1e9;

const marginOf = ({ perSecond = 0 }: SequencePosition, reserve: SequenceReserve): number =>
  Math.min(Math.ceil(Math.max(reserve.perSecond, perSecond * safety) * reserve.seconds), Number.MAX_SAFE_INTEGER);

/** Position of each sequence. Reading consumes one number: sequences have gaps anyway. */
export async function readSequences(
  database: Database,
  definitions: Definitions,
): Promise<Record<string, SequencePosition>> {
  const positions: Record<string, SequencePosition> = {};
  for (const [name, statement] of Object.entries(definitions.sequences)) {
    const [value] = await database.query(`RETURN sequence::nextval(${literal(name)})`);
    positions[name] = { value: Number(value), batch: Number(/ BATCH (\d+)/.exec(statement)?.[1] ?? 1) };
  }
  return positions;
}

/** Advances every sequence beyond its position and the reserve; returns the value that each continues with. */
export async function advanceSequences(
  database: Database,
  positions: Record<string, SequencePosition>,
  reserve: SequenceReserve,
): Promise<Record<string, number>> {
  const { sequences } = await readDefinitions(database);
  const starts: Record<string, number> = {};
  for (const [name, statement] of Object.entries(sequences)) {
    const position = positions[name];
    if (!position) throw new Error(`sequence ${name} has no position in the recovery point and could repeat numbers`);
    const start = position.value + position.batch + marginOf(position, reserve);
    if (!Number.isSafeInteger(start))
      throw new Error(`sequence ${name} has no safe integers left beyond ${position.value}`);
    // OVERWRITE would keep the old position.
    const moved = statement.replace(/ START -?\d+/, ` START ${start}`);
    await database.query(`BEGIN; REMOVE SEQUENCE ${identifier(name)}; ${moved}; COMMIT;`);
    const [next] = await database.query(`RETURN sequence::nextval(${literal(name)})`);
    if (!(Number(next) >= start)) throw new Error(`sequence ${name} continues with ${String(next)}, not with ${start}`);
    starts[name] = Number(next);
  }
  return starts;
}
