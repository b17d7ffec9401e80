/**
 * Sequences restart at their first number in an imported database, and would
 * give numbers a second time. They are moved beyond every number that the lost
 * writes may have taken.
 */
import { identifier, literal, type Database } from "./client.ts";
import { readDefinitions, type Definitions } from "./definitions.ts";

export interface SequencePosition {
  /** Next number. */
  value: number;
  /** How many a server takes at once. */
  batch: number;
}

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

/** Moves every sequence to its position plus a margin; gives the number that each continues with. */
export async function advanceSequences(
  database: Database,
  positions: Record<string, SequencePosition>,
  margin: number,
): Promise<Record<string, number>> {
  const { sequences } = await readDefinitions(database);
  const starts: Record<string, number> = {};
  for (const [name, statement] of Object.entries(sequences)) {
    const position = positions[name];
    if (!position) throw new Error(`sequence ${name} has no position in the recovery point; it could repeat numbers`);
    const start = position.value + position.batch + margin;
    // OVERWRITE would keep the old position.
    const moved = statement.replace(/ START -?\d+/, ` START ${start}`);
    await database.query(`BEGIN; REMOVE SEQUENCE ${identifier(name)}; ${moved}; COMMIT;`);
    const [next] = await database.query(`RETURN sequence::nextval(${literal(name)})`);
    if (!(Number(next) >= start)) throw new Error(`sequence ${name} continues with ${String(next)}, not with ${start}`);
    starts[name] = Number(next);
  }
  return starts;
}
