/** Severity levels, escalation and contacts ensure a timely response. */
import { formatSeconds } from "../duration.ts";
import { strictestRpoSeconds } from "../rpo.ts";
import { fullRecoveryDueSeconds } from "../severity.ts";
import type { Severity } from "../schema/plan.ts";
import { check, finding, outOfOrder, repeated, unknownName, unknownNames } from "./check.ts";

export const levelsAreConsecutive = check(["severities"], function* ({ severities }) {
  yield* outOfOrder(
    ["severities"],
    severities.map(({ level }) => level),
    "level",
  );
  yield* repeated(
    ["severities"],
    severities.map(({ id }) => id),
    "id",
  );
});

/** Thresholds in order: "more than 50 %" is just above "at least 50 %". */
const threshold = ({ usersAffected }: Severity) =>
  "atLeastPercent" in usersAffected ? usersAffected.atLeastPercent : usersAffected.moreThanPercent + 1e-9;

export const levelsLeaveNoGap = check(["severities"], function* ({ severities }) {
  for (const [index, level] of severities.entries()) {
    const worse = severities[index - 1];
    if (worse && threshold(level) >= threshold(worse)) {
      yield finding(
        ["severities", index, "usersAffected"],
        `level ${worse.level} already covers all such incidents`,
        "start at a smaller share of users",
      );
    }
  }
  const last = severities.at(-1);
  if (last && threshold(last) !== 0) {
    yield finding(
      ["severities", severities.length - 1, "usersAffected"],
      "incidents that affect fewer users have no level",
      "start the last level at atLeastPercent: 0",
    );
  }
});

export const milderLevelsMayTakeLonger = check(["severities", "recovery"], function* ({ severities, recovery }) {
  for (const [index, level] of severities.entries()) {
    const worse = severities[index - 1];
    for (const objective of ["rpo", "rto"] as const) {
      const [own, other] = [level[objective], worse?.[objective]];
      if (own && other && own.seconds < other.seconds) {
        yield finding(
          ["severities", index, objective],
          `level ${worse?.level} is more severe, but has ${other.iso}`,
          `use at least ${other.iso}`,
        );
      }
    }
    if (level.rto && level.rto.seconds > recovery.rto.seconds) {
      yield finding(
        ["severities", index, "rto"],
        `the objective of the whole service is ${recovery.rto.iso}`,
        `use at most ${recovery.rto.iso}`,
      );
    }
  }
});

/** All levels share one database: an RPO of a level must also be the RPO of a tier, or nothing ensures it. */
export const levelRpoIsBackedByTier = check(["severities", "recovery", "tiers"], function* (plan) {
  const strictest = strictestRpoSeconds({ ...plan, severities: [] });
  for (const [index, { rpo }] of plan.severities.entries()) {
    if (rpo === undefined || rpo.seconds >= strictest) continue;
    yield finding(
      ["severities", index, "rpo"],
      `no tier has an RPO below ${formatSeconds(strictest)}`,
      "lower the RPO of the tier that holds the data, or use at least that here",
    );
  }
});

export const disastersStartRecovery = check(["severities", "escalation", "tiers"], function* (plan) {
  const { fullRecovery } = plan.escalation;
  const disasters = plan.severities.flatMap((level, index) => (level.declaresDisaster ? [{ level, index }] : []));
  if (disasters.length === 0)
    yield finding(["severities"], "no level declares a disaster", "set declaresDisaster on the most severe level");
  const fastest = Math.min(...plan.tiers.map(({ rto }) => rto.seconds));
  for (const { level, index } of disasters) {
    const path = ["severities", index];
    if (level.escalationEntry !== fullRecovery.id) {
      yield finding(
        [...path, "escalationEntry"],
        "a disaster must start full recovery immediately",
        `use ${fullRecovery.id}`,
      );
    }
    if (!level.activation)
      yield finding(
        [...path, "activation"],
        "a disaster level needs an activation list",
        "list contacts, activities and cadences",
      );
    if (level.rto && level.rto.seconds < fastest) {
      yield finding(
        [...path, "rto"],
        `no tier has an RTO below ${formatSeconds(fastest)}`,
        "raise it, or lower the RTO of the first tier",
      );
    }
  }
});

export const severitiesEnterEscalation = check(
  ["severities", "escalation", "recovery", "tiers", "traffic"],
  function* (plan) {
    const { steps, fullRecovery } = plan.escalation;
    const known = new Set([...steps.map(({ id }) => id), fullRecovery.id]);
    for (const [index, level] of plan.severities.entries()) {
      const { escalationEntry } = level;
      if (escalationEntry === undefined) continue;
      const path = ["severities", index, "escalationEntry"];
      if (!known.has(escalationEntry)) yield unknownName(path, "step of the escalation ladder", known);
      const step = steps.find(({ id }) => id === escalationEntry);
      const due = fullRecoveryDueSeconds(plan, level) ?? Number.POSITIVE_INFINITY;
      if (step && due < step.respondWithin.seconds) {
        yield finding(
          path,
          `full recovery must start within ${formatSeconds(Math.max(0, due))}, but this step responds within ${formatSeconds(step.respondWithin.seconds)}`,
          "start at a higher step or raise the RTO",
        );
      }
    }
  },
);

export const activationReachesPeople = check(["severities", "contacts", "communication"], function* (plan) {
  const contacts = new Set(plan.contacts.map(({ id }) => id));
  const audiences = new Map(plan.communication.audiences.map((audience) => [audience.id, audience]));
  for (const [index, { activation, rto }] of plan.severities.entries()) {
    const path = ["severities", index, "activation"];
    yield* unknownNames([...path, "notify"], activation?.notify ?? [], contacts, "contact");
    for (const [entry, { audience: id, every }] of (activation?.cadences ?? []).entries()) {
      const audience = audiences.get(id);
      const at = [...path, "cadences", entry];
      if (!audience) yield unknownName([...at, "audience"], "audience", new Set(audiences.keys()));
      else if (every.seconds > audience.every.seconds) {
        yield finding(
          [...at, "every"],
          `the communication plan requires ${audience.every.iso}`,
          `use at most ${audience.every.iso}`,
        );
      }
      if (rto && every.seconds > rto.seconds) {
        yield finding(
          [...at, "every"],
          `the level's RTO is ${rto.iso}, so no message would be sent before it has passed`,
          `use at most ${rto.iso}`,
        );
      }
    }
  }
});

export const escalationStepsAreConsistent = check(
  ["escalation", "contacts", "team"],
  function* ({ escalation, contacts, team }) {
    const known = new Set(contacts.map(({ id }) => id));
    const { steps, fullRecovery, executives } = escalation;
    yield* outOfOrder(
      ["escalation", "steps"],
      steps.map(({ level }) => level),
      "level",
    );
    yield* repeated(["escalation", "steps"], [...steps.map(({ id }) => id)], "id");
    for (const [index, step] of steps.entries()) {
      yield* unknownNames(["escalation", "steps", index, "contacts"], step.contacts, known, "contact");
      if (step.respondWithin.seconds >= step.resolveWithin.seconds) {
        yield finding(
          ["escalation", "steps", index, "respondWithin"],
          `the next step takes over after ${step.resolveWithin.iso}`,
          "require a response before that",
        );
      }
    }
    yield* unknownNames(["escalation", "executives", "contacts"], executives.contacts, known, "contact");
    const roles = new Set(team.roles.map(({ id }) => id));
    if (!roles.has(fullRecovery.leader))
      yield unknownName(["escalation", "fullRecovery", "leader"], "role of the team", roles);
  },
);

export const executivesDecideInTime = check(["escalation", "tiers"], function* ({ escalation, tiers }) {
  const fastest = Math.min(...tiers.map(({ rto }) => rto.seconds));
  if (escalation.executives.respondWithin.seconds < fastest) return;
  yield finding(
    ["escalation", "executives", "respondWithin"],
    `the RTO of the first tier is ${formatSeconds(fastest)}`,
    "require a faster response",
  );
});
