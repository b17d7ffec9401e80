/**
 * Sequences restart at their first number in an imported database, and would
 * give numbers a second time. They are moved beyond every number that the lost
 * writes may have taken.
 */
import { clockToleranceSeconds } from "../points/clock.ts";
import { identifier, literal, type Database } from "./client.ts";
import { readDefinitions, type Definitions } from "./definitions.ts";

export interface SequencePosition {
  /** Next number. */
  value: number;
  /** How many a server takes at once. */
  batch: number;
  /** Numbers per second that were taken before the point, as exports saw it. Missing: nobody looked. */
  perSecond?: number | undefined;
}

/** What the lost writes may have taken: so many numbers per second, for so long. */
export interface SequenceReserve {
  perSecond: number;
  seconds: number;
}

export interface ReserveSettings {
  SEQUENCE_NUMBERS_PER_SECOND: number;
  SEQUENCE_WINDOW_SECONDS: number;
}

/** Writes after the point are lost up to now, and at least for as long as the worst case has it. */
export function sequenceReserve(settings: ReserveSettings, snapshotAt: string, now: number = Date.now()) {
  const ageSeconds = (now - Date.parse(snapshotAt)) / 1000 + clockToleranceSeconds;
  const seconds = Math.max(settings.SEQUENCE_WINDOW_SECONDS, ageSeconds);
  return { perSecond: settings.SEQUENCE_NUMBERS_PER_SECOND, seconds } satisfies SequenceReserve;
}

/** A sequence that gave more numbers than stated may give more still: twice what was seen. */
const safety = 2;

/** No application takes more; a rate beyond is an error of whoever noted it. */
export const mostNumbersPerSecond = 1e9;

const marginOf = ({ perSecond = 0 }: SequencePosition, reserve: SequenceReserve): number =>
  Math.min(Math.ceil(Math.max(reserve.perSecond, perSecond * safety) * reserve.seconds), Number.MAX_SAFE_INTEGER);

/** Position of each sequence. Reading takes one number of it: sequences have gaps anyway. */
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

/** Moves every sequence beyond its position and the reserve; gives the number that each continues with. */
export async function advanceSequences(
  database: Database,
  positions: Record<string, SequencePosition>,
  reserve: SequenceReserve,
): Promise<Record<string, number>> {
  const { sequences } = await readDefinitions(database);
  const starts: Record<string, number> = {};
  for (const [name, statement] of Object.entries(sequences)) {
    const position = positions[name];
    if (!position) throw new Error(`sequence ${name} has no position in the recovery point; it could repeat numbers`);
    const start = position.value + position.batch + marginOf(position, reserve);
    if (!Number.isSafeInteger(start)) throw new Error(`sequence ${name} has no room left beyond ${position.value}`);
    // OVERWRITE would keep the old position.
    const moved = statement.replace(/ START -?\d+/, ` START ${start}`);
    await database.query(`BEGIN; REMOVE SEQUENCE ${identifier(name)}; ${moved}; COMMIT;`);
    const [next] = await database.query(`RETURN sequence::nextval(${literal(name)})`);
    if (!(Number(next) >= start)) throw new Error(`sequence ${name} continues with ${String(next)}, not with ${start}`);
    starts[name] = Number(next);
  }
  return starts;
}
