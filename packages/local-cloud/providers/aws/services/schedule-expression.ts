/** Validates EventBridge Scheduler expressions: `rate(…)`, `cron(…)` with six fields, `at(…)`. */

/** The problem; undefined if the expression is valid. */
export function scheduleProblem(expression: string): string | undefined {
  const [, kind, inner = ""] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "rate") return rateProblem(inner);
  if (kind === "at")
    return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inner) && !Number.isNaN(Date.parse(inner))
      ? undefined
      : `at(${inner}) must contain a time such as 2030-01-31T12:00:00`;
  if (kind === "cron") return cronProblem(inner);
  return `"${expression}" must be rate(…), cron(…) or at(…)`;
}

function rateProblem(inner: string): string | undefined {
  const [, count = "", unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(inner) ?? [];
  if (unit !== "" && Number(count) > 0) return undefined;
  return `rate(${inner}) must contain a number and minutes, hours or days, e.g. rate(10 minutes)`;
}

const fields: { name: string; least: number; most: number; names?: readonly string[] }[] = [
  { name: "minutes", least: 0, most: 59 },
  { name: "hours", least: 0, most: 23 },
  { name: "day of month", least: 1, most: 31 },
  { name: "month", least: 1, most: 12, names: "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ") },
  { name: "day of week", least: 1, most: 7, names: "SUN MON TUE WED THU FRI SAT".split(" ") },
  { name: "year", least: 1970, most: 2199 },
];

function cronProblem(inner: string): string | undefined {
  const values = inner.trim().split(/\s+/);
  if (values.length !== fields.length)
    return `cron(${inner}) has ${values.length} fields, but must have 6: ${fields.map(({ name }) => name).join(", ")}`;
  const bad = fields.find((field, index) => !fits(field, values[index] ?? ""));
  if (bad) return `cron(${inner}): ${bad.name} is "${values[fields.indexOf(bad)]}", which is not valid`;
  if ((values[2] === "?") === (values[4] === "?"))
    return `cron(${inner}): exactly one of day of month and day of week must be ?`;
  return undefined;
}

function fits(field: (typeof fields)[number], value: string): boolean {
  return value.split(",").every((part) => {
    const [range = "", step] = part.split("/");
    if (step !== undefined && !/^[1-9]\d*$/.test(step)) return false;
    if (range === "*") return true;
    if (range === "?") return field.name.startsWith("day");
    if (field.name === "day of month" && /^(L|LW|\d+W)$/.test(range)) return true;
    if (field.name === "day of week" && /^(L|\w+L|\w+#[1-5])$/.test(range)) return true;
    return range.split("-").every((end) => isValue(field, end));
  });
}

function isValue({ least, most, names }: (typeof fields)[number], value: string): boolean {
  if (names?.includes(value.toUpperCase())) return true;
  return /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
}
