/** Contacts, team, messages and procedures refer to existing people and things. */
import { check, finding, outOfOrder, repeated, unknownName, unknownNames } from "./check.ts";

/** Phone numbers reserved for fiction. */
const fictional = /^\+1[ -]?\d{3}[ -]?555[ -]?01\d\d$/;

export const contactsAreReachable = check(["contacts"], function* ({ contacts }) {
  yield* repeated(
    ["contacts"],
    contacts.map(({ id }) => id),
    "id",
  );
  for (const [index, contact] of contacts.entries()) {
    const path = ["contacts", index];
    if (contact.verified && !contact.lastVerified) {
      yield finding([...path, "lastVerified"], "a verified contact needs the date of its verification", "add the date");
    }
    if (contact.verified && fictional.test(contact.phone ?? "")) {
      yield finding(
        [...path, "phone"],
        "the number is an example reserved for fiction",
        "use the real number or verified: false",
      );
    }
    if (contact.team && !contact.handle)
      yield finding([...path, "handle"], "a team is reached by chat", "add its handle");
    if (!contact.team && !contact.assignedPerIncident && !contact.phone) {
      yield finding([...path, "phone"], "a person must be reachable by phone when chat is down", "add a phone number");
    }
  }
});

export const teamAddsUp = check(["team"], function* ({ team }) {
  yield* repeated(
    ["team", "roles"],
    team.roles.map(({ id }) => id),
    "id",
  );
  const sum = team.roles.reduce((people, role) => people + role.people, 0);
  if (sum !== team.minimumPeople) {
    yield finding(["team", "minimumPeople"], `the roles need ${sum} people`, `use ${sum} or change the roles`);
  }
});

export const messagesAreComplete = check(["communication", "severities"], function* ({ communication, severities }) {
  const levels = new Set(severities.map(({ level }) => level));
  yield* repeated(
    ["communication", "messages"],
    communication.messages.map(({ id }) => id),
    "id",
  );
  for (const [index, message] of communication.messages.entries()) {
    const path = ["communication", "messages", index];
    yield* unknownNames([...path, "severities"], message.severities, levels, "severity level");
    const used = new Set([...message.template.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, field]) => field ?? ""));
    for (const field of used) {
      if (!message.fields.includes(field)) {
        yield finding(
          [...path, "template"],
          `the template uses {{${field}}}, which is not in fields`,
          "add the field or correct its name",
        );
      }
    }
    for (const [at, field] of message.fields.entries()) {
      if (!used.has(field))
        yield finding(
          [...path, "fields", at],
          "the template does not use the field",
          `add {{${field}}} or remove the field`,
        );
    }
  }
});

export const messageTimesFit = check(["communication"], function* ({ communication }) {
  for (const [index, { everyAtLeast, ...times }] of communication.messages.entries()) {
    for (const field of ["everyAtMost", "nextWithin"] as const) {
      const time = times[field];
      if (!everyAtLeast || !time || time.seconds <= everyAtLeast.seconds) continue;
      const path = ["communication", "messages", index, field];
      yield finding(path, `messages of this kind are due every ${everyAtLeast.iso}`, "use at most that");
    }
  }
});

export const channelsAreAvailable = check(["communication", "infrastructure"], function* (plan) {
  const { audiences } = plan.communication;
  const required = new Set<string>(plan.infrastructure.communication);
  yield* repeated(
    ["communication", "audiences"],
    audiences.map(({ id }) => id),
    "id",
  );
  for (const [index, { channels }] of audiences.entries()) {
    for (const [at, { kind }] of channels.entries()) {
      if (kind === "status-page" || required.has(kind)) continue;
      yield unknownName(
        ["communication", "audiences", index, "channels", at, "kind"],
        "means in infrastructure.communication",
        required,
      );
    }
  }
});

export const audiencesInformedWithinRto = check(
  ["communication", "severities"],
  function* ({ communication, severities }) {
    const disaster = severities.find(({ declaresDisaster }) => declaresDisaster);
    for (const [index, { initial, every }] of communication.audiences.entries()) {
      if (initial || !disaster?.rto || every.seconds <= disaster.rto.seconds) continue;
      yield finding(
        ["communication", "audiences", index, "initial"],
        `without an initial message the audience is not informed within the RTO of ${disaster.rto.iso}`,
        "use true or shorten every",
      );
    }
  },
);

export const degradedModeIsClear = check(["degradedMode", "tiers"], function* ({ degradedMode, tiers }) {
  const known = new Set(tiers.map(({ tier }) => tier));
  const { healthyTiers, degradedTiers, features } = degradedMode;
  yield* unknownNames(["degradedMode", "healthyTiers"], healthyTiers, known, "tier");
  yield* unknownNames(["degradedMode", "degradedTiers"], degradedTiers, known, "tier");
  yield* repeated(
    ["degradedMode", "features"],
    features.map(({ id }) => id),
    "id",
  );
  for (const [index, tier] of degradedTiers.entries()) {
    if (healthyTiers.includes(tier)) {
      yield finding(
        ["degradedMode", "degradedTiers", index],
        "the tier cannot be healthy and degraded",
        "keep it in one list",
      );
    }
  }
});

export const failoverTargetsAreTested = check(["failoverTargets", "tests"], function* ({ failoverTargets, tests }) {
  const known = new Set(tests.calendar.map(({ id }) => id));
  yield* outOfOrder(
    ["failoverTargets"],
    failoverTargets.map(({ order }) => order),
    "order",
  );
  yield* repeated(
    ["failoverTargets"],
    failoverTargets.map(({ id }) => id),
    "id",
  );
  for (const [index, { testedBy }] of failoverTargets.entries()) {
    if (testedBy !== undefined && !known.has(testedBy)) {
      yield unknownName(["failoverTargets", index, "testedBy"], "entry of the test calendar", known);
    }
  }
});

export const firstTargetIsReady = check(["failoverTargets", "infrastructure", "tiers"], function* (plan) {
  const [first] = plan.failoverTargets;
  const fastest = Math.min(...plan.tiers.map(({ rto }) => rto.seconds));
  const { availableWithin } = plan.infrastructure.backupSite;
  if (!first || first.preConfigured || availableWithin.seconds <= fastest) return;
  yield finding(
    ["failoverTargets", 0, "preConfigured"],
    `a backup site may take ${availableWithin.iso}, longer than the strictest RTO`,
    "deploy the first target in advance and use true",
  );
});

export const proceduresAreNamedOnce = check(["manualProcedures", "tools"], function* ({ manualProcedures, tools }) {
  yield* repeated(
    ["manualProcedures"],
    manualProcedures.map(({ id }) => id),
    "id",
  );
  yield* repeated(
    ["tools"],
    tools.map(({ id }) => id),
    "id",
  );
});
