/** Representation of database values without a JavaScript equivalent. */
/** An integral float, which JavaScript cannot distinguish from an integer. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A value of a database type: record id, datetime, decimal, duration, geometry … */
export class Tagged {
  readonly tag: number;
  readonly value: Value;
  constructor(tag: number, value: Value) {
    this.tag = tag;
    this.value = value;
  }
}

export type Value =
  undefined | null | boolean | number | bigint | string | Uint8Array | Float | Tagged | Value[] | Fields;
export interface Fields {
  [key: string]: Value;
}

/** Tags of the SurrealDB protocol that the jobs inspect. */
export const tags = { none: 6, table: 7, recordId: 8, datetime: 12, duration: 14 } as const;

/** Major types of CBOR. */
export const majors = { integer: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
