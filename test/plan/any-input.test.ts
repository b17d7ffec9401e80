/** No input crashes the loader, and whatever it accepts is consistent. */
import { expect } from "chai";
import fc from "fast-check";
import { stringify } from "yaml";
import { parsePlan } from "../../contract/index.ts";
import { PlanError, gapsBetweenRuns, type Plan } from "../../plan/index.ts";
import { anyText } from "../support/any-text.ts";
import { edited, planText, type Editable } from "./support.ts";

function acceptsOnlyConsistent(text: string): void {
  let plan: Plan;
  try {
    plan = parsePlan(text, "anything");
  } catch (error) {
    expect(error).to.be.instanceOf(PlanError);
    const { problems } = error as PlanError;
    expect(problems).to.have.length.at.least(1);
    for (const { rule, remedy, value } of problems) expect([rule, remedy, value]).to.not.include("");
    return;
  }
  expectConsistent(plan);
}

/** An independent formulation of the loader's checks. */
function expectConsistent(plan: Plan): void {
  const ids = plan.tiers.flatMap(({ services }) => services.map(({ id }) => id));
  expect(new Set(ids).size).to.equal(ids.length);
  const ends = new Map<string, number>();
  let clock = 0;
  for (const { from, within, steps } of plan.recoveryPhases) {
    expect(from.seconds).to.equal(clock);
    for (const id of steps.flatMap(({ services }) => services)) if (!ends.has(id)) ends.set(id, within.seconds);
    clock = within.seconds;
  }
  for (const tier of plan.tiers) {
    expect(tier.rto.seconds).to.be.at.most(plan.recovery.rto.seconds);
    for (const { id } of tier.services) expect(ends.get(id)).to.be.at.most(tier.rto.seconds);
  }
  const { changeExport, replicationBound, retention } = plan.backups;
  const interval = gapsBetweenRuns(changeExport)?.longestSeconds ?? Number.NaN;
  const loss = interval + changeExport.startDeadline.seconds + changeExport.runTimeLimit.seconds;
  const rpo = Math.min(
    plan.recovery.rpo.seconds,
    ...[...plan.tiers, ...plan.severities].map(({ rpo }) => rpo?.seconds ?? Infinity),
  );
  expect(loss + replicationBound.seconds).to.be.at.most(rpo);
  expect(retention.seconds % 86_400).to.equal(0);
  expect(plan.team.roles.reduce((sum, { people }) => sum + people, 0)).to.equal(plan.team.minimumPeople);
}

/** All paths of the plan. */
function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

const places = placesIn(edited(() => undefined)).filter((path) => path.length > 0);

/** Values for a path, valid or not. */
const plausible = fc.oneof(
  fc.constantFrom("PT1M", "PT10M", "PT30M", "PT1H", "PT4H", "P35D", "P1M", "PT0S", "-PT1H", "PT1.5H"),
  fc.constantFrom("* * * * *", "*/7 * * * *", "0 * * * *", "0 3 1 * *", "0 0 30 2 *", "0 0 * * 7", "@hourly"),
  fc.constantFrom("Etc/UTC", "Europe/Berlin", "Mars/Base", "surrealdb", "on-call", "warm-standby", true, false, null),
  fc.constantFrom(0, -1, 1, 2, 15, 99.9, 1e308, Number.NaN, Number.POSITIVE_INFINITY),
  fc
    .anything({ maxDepth: 2, withBigInt: false, withNullPrototype: false })
    .filter((value) => typeof value !== "symbol"),
);

type Change = readonly [path: readonly string[], value: unknown, kind: "set" | "remove" | "rename" | "repeat"];

const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom(...places),
  plausible,
  fc.constantFrom("set", "set", "set", "remove", "rename", "repeat"),
);

function apply(plan: Editable, [path, value, kind]: Change): void {
  const holder: Editable = path.slice(0, -1).reduce((at: Editable, key) => at?.[key], plan);
  const key = path.at(-1) ?? "";
  if (typeof holder !== "object" || holder === null || !(key in holder)) return;
  if (kind === "set") holder[key] = value;
  else if (kind === "repeat" && Array.isArray(holder)) holder.push(holder[Number(key)]);
  else {
    if (kind === "rename") holder[`${key}s`] = holder[key];
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  }
}

function textOf(data: unknown): string {
  try {
    return stringify(data, { aliasDuplicateObjects: false });
  } catch {
    return String(data);
  }
}

describe("parsing anything", () => {
  it("any text gives a consistent plan or problems", () => {
    fc.assert(fc.property(anyText({ maxLength: 300 }), acceptsOnlyConsistent), { numRuns: 100 });
  });

  it("any YAML gives a consistent plan or problems", () => {
    const data = fc.anything({ maxDepth: 4 }).map(textOf);
    fc.assert(fc.property(data, acceptsOnlyConsistent), { numRuns: 100 });
  });

  it("the plan with any value at any path gives a consistent plan or problems", () => {
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    const check = fc.property(changes, (list) =>
      acceptsOnlyConsistent(textOf(edited((plan: Editable) => list.forEach((one) => apply(plan, one))))),
    );
    fc.assert(check, { numRuns: 25 });
  }).timeout(20_000);

  it("the plan truncated or with changed characters gives a consistent plan or problems", () => {
    const slip = fc.tuple(fc.nat(planText.length), fc.nat(40), fc.string({ maxLength: 5 }));
    const check = fc.property(slip, ([at, length, text]) =>
      acceptsOnlyConsistent(planText.slice(0, at) + text + planText.slice(at + length)),
    );
    fc.assert(check, { numRuns: 12 });
    for (const text of ["[".repeat(500), "{a: ".repeat(300), "- ".repeat(20_000)]) acceptsOnlyConsistent(text);
  }).timeout(20_000);
});
