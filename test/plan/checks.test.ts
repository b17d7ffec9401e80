import { expect } from "chai";
import * as calendar from "../../plan/checks/calendar.ts";
import type { Check } from "../../plan/checks/check.ts";
import { findInconsistencies } from "../../plan/checks/index.ts";
import * as incidents from "../../plan/checks/incidents.ts";
import * as objectives from "../../plan/checks/objectives.ts";
import * as people from "../../plan/checks/people.ts";
import * as protection from "../../plan/checks/protection.ts";
import * as services from "../../plan/checks/services.ts";
import { pathOf } from "../../plan/problems.ts";
import { planSchema } from "../../plan/schema/plan.ts";
import { edited, type Edit, type Editable } from "./support.ts";

/** A way to violate a rule, and the expected location. */
type Breach = readonly [what: string, edit: Edit, path: string];

const every = (plan: Editable, schedule: string, job: string) => (plan.backups[job].schedule = schedule);

const serviceBreaches: Record<keyof typeof services, Breach[]> = {
  tiersAreConsecutive: [["a tier is left out", (p) => (p.tiers[2].tier = 4), "tiers[2].tier"]],
  oneTierPerService: [
    [
      "a service is in two tiers",
      (p) => p.tiers[2].services.push({ ...p.tiers[1].services[0] }),
      "tiers[2].services[3].id",
    ],
  ],
  laterTiersMayTakeLonger: [["tier 2 is promised before tier 1", (p) => (p.tiers[1].rto = "PT20M"), "tiers[1].rto"]],
  needsAreDefined: [
    [
      "a service needs an undefined one",
      (p) => (p.tiers[1].services[0].needs = ["backend"]),
      "tiers[1].services[0].needs[0]",
    ],
    [
      "a critical service needs an optional one",
      (p) => (p.tiers[0].services[3].needs = ["analytics"]),
      "tiers[0].services[3].needs[0]",
    ],
  ],
  needsAreAcyclic: [
    [
      "two services need each other",
      (p) => (p.tiers[0].services[1].needs = ["backend-api"]),
      "tiers[0].services[0].needs",
    ],
    [
      "a service needs itself",
      (p) => (p.tiers[0].services[3].needs = ["health-monitoring"]),
      "tiers[0].services[3].needs",
    ],
  ],
  oneServiceHoldsData: [
    ["no service holds the data", (p) => delete p.tiers[0].services[1].holdsData, "tiers"],
    ["two services hold data", (p) => (p.tiers[0].services[2].holdsData = true), "tiers[0].services[2].holdsData"],
  ],
  theDatabaseHasItsOwnSettings: [
    ["the database has an image", (p) => (p.tiers[0].services[1].image = "db:1"), "tiers[0].services[1].image"],
    ["the database has a port", (p) => (p.tiers[0].services[1].port = 9000), "tiers[0].services[1].port"],
    ["the database reads keys", (p) => (p.tiers[0].services[1].needsKeys = false), "tiers[0].services[1].needsKeys"],
  ],
  oneServiceTakesTraffic: [
    ["no service takes the traffic", (p) => delete p.tiers[0].services[0].takesTraffic, "tiers"],
    [
      "two services take the traffic",
      (p) => (p.tiers[1].services[0].takesTraffic = true),
      "tiers[1].services[0].takesTraffic",
    ],
    [
      "the database takes the traffic",
      (p) => ((p.tiers[0].services[1].takesTraffic = true), delete p.tiers[0].services[0].takesTraffic),
      "tiers[0].services[1].takesTraffic",
    ],
  ],
  phasesFollowEachOther: [
    ["there is a gap between phases", (p) => (p.recoveryPhases[1].from = "PT40M"), "recoveryPhases[1].from"],
    ["the first phase begins late", (p) => (p.recoveryPhases[0].from = "PT1M"), "recoveryPhases[0].from"],
    [
      "a phase's length is given instead of its end",
      (p) => (p.recoveryPhases[1].within = "PT30M"),
      "recoveryPhases[1].within",
    ],
    ["phases are numbered wrongly", (p) => (p.recoveryPhases[2].phase = 2), "recoveryPhases[2].phase"],
  ],
  stepsAreConsecutive: [
    [
      "a step's number is given twice",
      (p) => (p.recoveryPhases[1].steps[0].order = 3),
      "recoveryPhases[1].steps[0].order",
    ],
  ],
  stepsNameServices: [
    [
      "a step names an undefined service",
      (p) => (p.recoveryPhases[0].steps[1].services = ["surealdb"]),
      "recoveryPhases[0].steps[1].services[0]",
    ],
  ],
  everyServiceRecovers: [
    ["no phase recovers a service", (p) => p.recoveryPhases[0].steps[0].services.pop(), "tiers[0].services[3].id"],
    ["a service recovers later than its tier's RTO", (p) => (p.tiers[1].rto = "PT50M"), "tiers[1].services[0].id"],
  ],
  needsRecoverFirst: [
    [
      "a service recovers before its dependency",
      (p) =>
        p.recoveryPhases[0].steps[0].services.push("frontend-ui") && (p.tiers[1].services[0].needs = ["llm-routing"]),
      "tiers[1].services[0].needs[0]",
    ],
  ],
};

const objectiveBreaches: Record<keyof typeof objectives, Breach[]> = {
  tiersWithinTheWhole: [
    ["a tier may take longer than the whole", (p) => (p.tiers[2].rto = "PT5H"), "tiers[2].rto"],
    ["a tier may lose more than the whole", (p) => (p.tiers[2].rpo = "PT2H"), "tiers[2].rpo"],
  ],
  phasesWithinTheWhole: [
    ["the last phase ends too late", (p) => (p.recoveryPhases[2].within = "PT4H1S"), "recoveryPhases[2].within"],
  ],
  standbysMeetTheirRto: [
    ["the data wait in a pilot light", (p) => (p.tiers[0].standby = "pilot-light"), "tiers[0].rto"],
    ["deciding takes half an hour", (p) => (p.recovery.expected.decision = "PT30M"), "tiers[0].rto"],
  ],
  oneTargetPerWindow: [
    ["a window has two targets", (p) => (p.availability[1].window = "month"), "availability[1].window"],
  ],
  redIsWorseThanTarget: [
    ["red begins below the target", (p) => (p.performance[0].redAbove = 400), "performance[0].redAbove"],
    ["two targets have one name", (p) => (p.performance[1].id = "api-response-time"), "performance[1].id"],
  ],
};

const protectionBreaches: Record<keyof typeof protection, Breach[]> = {
  lossWithinRpo: [
    ["changes are exported every 45 min", (p) => every(p, "0,45 * * * *", "changeExport"), "backups.changeExport"],
    ["a tier has an RPO of 30 min", (p) => (p.tiers[0].rpo = "PT30M"), "backups.changeExport"],
  ],
  runsFitBetween: [
    [
      "an export may run longer than the interval",
      (p) => (p.backups.changeExport.runTimeLimit = "PT10M"),
      "backups.changeExport.runTimeLimit",
    ],
    [
      "a start may be later than the next one",
      (p) => (p.backups.fullExport.startDeadline = "PT1H"),
      "backups.fullExport.startDeadline",
    ],
  ],
  changesBetweenFullExports: [
    [
      "changes are exported as rarely as everything",
      (p) => every(p, "30 * * * *", "changeExport"),
      "backups.changeExport.schedule",
    ],
  ],
  restoreTestMonthly: [
    [
      "a restore is tested every other month",
      (p) => every(p, "0 3 1 */2 *", "restoreTest"),
      "backups.restoreTest.schedule",
    ],
  ],
  retentionOutlastsRestoreTests: [
    ["recovery points are gone before the next test", (p) => (p.backups.retention = "P30D"), "backups.retention"],
  ],
  gradualLossIsDetected: [
    [
      "rows are compared with one point",
      (p) => (p.backups.suspiciousShrink.within = "PT19M"),
      "backups.suspiciousShrink.within",
    ],
    [
      "rows are compared with points that are gone",
      (p) => (p.backups.suspiciousShrink.within = "P36D"),
      "backups.suspiciousShrink.within",
    ],
  ],
  pollingKeepsUpWithExports: [
    [
      "the standby polls too rarely",
      (p) => (p.backups.standbySync.pollInterval = "PT10M"),
      "backups.standbySync.pollInterval",
    ],
    ["the age is published too rarely", (p) => (p.backups.watch.interval = "PT10M"), "backups.watch.interval"],
  ],
};

const incidentBreaches: Record<keyof typeof incidents, Breach[]> = {
  levelsAreConsecutive: [
    ["levels are in the wrong order", (p) => p.severities.reverse(), "severities[0].level"],
    ["two levels have one name", (p) => (p.severities[2].id = "major"), "severities[2].id"],
  ],
  levelsLeaveNoGap: [
    [
      "a level can never be reached",
      (p) => (p.severities[2].usersAffected = { moreThanPercent: 50 }),
      "severities[2].usersAffected",
    ],
    ["an incident without affected users has no level", (p) => p.severities.pop(), "severities[2].usersAffected"],
  ],
  milderLevelsMayTakeLonger: [
    ["a milder level has a shorter RTO", (p) => (p.severities[1].rto = "PT20M"), "severities[1].rto"],
    ["a milder level may lose less", (p) => (p.severities[2].rpo = "PT30M"), "severities[2].rpo"],
    ["a level may take longer than the whole", (p) => (p.severities[2].rto = "PT5H"), "severities[2].rto"],
  ],
  levelRpoIsBackedByTier: [
    ["a level has a lower RPO than any tier", (p) => (p.severities[0].rpo = "PT50M"), "severities[0].rpo"],
  ],
  disastersStartRecovery: [
    [
      "a disaster starts at the first escalation step",
      (p) => (p.severities[0].escalationEntry = "on-call"),
      "severities[0].escalationEntry",
    ],
    ["a disaster has no activation list", (p) => delete p.severities[0].activation, "severities[0].activation"],
    ["a disaster has a shorter RTO than any tier", (p) => (p.severities[0].rto = "PT20M"), "severities[0].rto"],
    ["nothing is a disaster", (p) => delete p.severities[0].declaresDisaster, "severities"],
  ],
  severitiesEnterEscalation: [
    [
      "a level starts at an undefined step",
      (p) => (p.severities[2].escalationEntry = "on-cal"),
      "severities[2].escalationEntry",
    ],
    ["the ladder leaves no time for a level", (p) => (p.severities[1].rto = "PT30M"), "severities[1].escalationEntry"],
  ],
  activationReachesPeople: [
    [
      "an undefined contact is notified",
      (p) => (p.severities[0].activation.notify[0] = "cfo"),
      "severities[0].activation.notify[0]",
    ],
    [
      "an undefined audience is notified",
      (p) => (p.severities[0].activation.cadences[0].audience = "press"),
      "severities[0].activation.cadences[0].audience",
    ],
    [
      "an audience is informed less often than required",
      (p) => (p.severities[0].activation.cadences[1].every = "PT6M"),
      "severities[0].activation.cadences[1].every",
    ],
    [
      "an audience is informed only after the RTO",
      (p) => p.severities[0].activation.cadences.push({ audience: "partners", every: "PT1H" }),
      "severities[0].activation.cadences[3].every",
    ],
  ],
  escalationStepsAreConsistent: [
    ["a step is left out", (p) => p.escalation.steps.splice(1, 1), "escalation.steps[1].level"],
    ["two steps have one name", (p) => (p.escalation.steps[1].id = "on-call"), "escalation.steps[1].id"],
    [
      "a step has an undefined contact",
      (p) => (p.escalation.steps[0].contacts[1] = "nobody"),
      "escalation.steps[0].contacts[1]",
    ],
    [
      "an executive is unknown",
      (p) => (p.escalation.executives.contacts[0] = "ceo"),
      "escalation.executives.contacts[0]",
    ],
    [
      "a response may come after the next step took over",
      (p) => (p.escalation.steps[0].respondWithin = "PT15M"),
      "escalation.steps[0].respondWithin",
    ],
    ["nobody leads the recovery", (p) => (p.escalation.fullRecovery.leader = "boss"), "escalation.fullRecovery.leader"],
  ],
  executivesDecideInTime: [
    [
      "executives respond too late",
      (p) => (p.escalation.executives.respondWithin = "PT30M"),
      "escalation.executives.respondWithin",
    ],
  ],
};

const peopleBreaches: Record<keyof typeof people, Breach[]> = {
  contactsAreReachable: [
    ["two contacts have one name", (p) => (p.contacts[1].id = "cto"), "contacts[6].id"],
    [
      "an example number is marked as verified",
      (p) => Object.assign(p.contacts[6], { verified: true, lastVerified: "2026-01-12" }),
      "contacts[6].phone",
    ],
    [
      "a verified contact has no date",
      (p) => Object.assign(p.contacts[9], { verified: true }),
      "contacts[9].lastVerified",
    ],
    ["a team has no handle", (p) => delete p.contacts[9].handle, "contacts[9].handle"],
    ["a person has no number", (p) => delete p.contacts[5].phone, "contacts[5].phone"],
  ],
  teamAddsUp: [
    ["a role needs one more", (p) => (p.team.roles[3].people = 2), "team.minimumPeople"],
    ["a role is there twice", (p) => (p.team.roles[1].id = "incident-commander"), "team.roles[1].id"],
  ],
  messagesAreComplete: [
    ["two messages have one name", (p) => (p.communication.messages[1].id = "initial"), "communication.messages[1].id"],
    [
      "a message is for an undefined level",
      (p) => (p.communication.messages[0].severities = [9]),
      "communication.messages[0].severities[0]",
    ],
    [
      "a template uses an undefined field",
      (p) => (p.communication.messages[0].template += "{{weather}}"),
      "communication.messages[0].template",
    ],
    [
      "a field is not used in the template",
      (p) => p.communication.messages[2].fields.push("weather"),
      "communication.messages[2].fields[9]",
    ],
  ],
  messageTimesFit: [
    [
      "messages are less frequent than required",
      (p) => (p.communication.messages[1].everyAtMost = "PT11M"),
      "communication.messages[1].everyAtMost",
    ],
    [
      "the next message is announced too late",
      (p) => (p.communication.messages[1].nextWithin = "PT11M"),
      "communication.messages[1].nextWithin",
    ],
  ],
  channelsAreAvailable: [
    [
      "two audiences have one name",
      (p) => (p.communication.audiences[1].id = "partners"),
      "communication.audiences[4].id",
    ],
    [
      "an audience is informed by a channel that is not required",
      (p) => (p.infrastructure.communication = ["chat", "email"]),
      "communication.audiences[2].channels[0].kind",
    ],
  ],
  audiencesInformedWithinRto: [
    [
      "partners are not informed within the RTO",
      (p) => (p.communication.audiences[4].initial = false),
      "communication.audiences[4].initial",
    ],
  ],
  degradedModeIsClear: [
    ["an unknown tier is degraded", (p) => (p.degradedMode.degradedTiers[1] = 4), "degradedMode.degradedTiers[1]"],
    ["an unknown tier is healthy", (p) => (p.degradedMode.healthyTiers = [7]), "degradedMode.healthyTiers[0]"],
    ["a tier is healthy and degraded", (p) => p.degradedMode.degradedTiers.push(1), "degradedMode.degradedTiers[2]"],
    [
      "a feature is there twice",
      (p) => (p.degradedMode.features[1].id = "edit-projects"),
      "degradedMode.features[1].id",
    ],
  ],
  failoverTargetsAreTested: [
    ["a target's test is undefined", (p) => (p.failoverTargets[1].testedBy = "hope"), "failoverTargets[1].testedBy"],
    ["two targets are the second", (p) => (p.failoverTargets[2].order = 2), "failoverTargets[2].order"],
    ["two targets have one name", (p) => (p.failoverTargets[2].id = "on-premises"), "failoverTargets[2].id"],
  ],
  firstTargetIsReady: [
    [
      "the first target has to be set up first",
      (p) => (p.failoverTargets[0].preConfigured = false),
      "failoverTargets[0].preConfigured",
    ],
  ],
  proceduresAreNamedOnce: [
    ["two procedures have one name", (p) => (p.manualProcedures[1].id = "database-backup"), "manualProcedures[1].id"],
    ["two tools have one name", (p) => (p.tools[1].id = "kubectl"), "tools[1].id"],
  ],
};

const calendarBreaches: Record<keyof typeof calendar, Breach[]> = {
  entriesKeepTheirCadence: [
    [
      "a monthly test runs every other month",
      (p) => (p.tests.calendar[1].schedule = "0 10 2 */2 *"),
      "tests.calendar[1].schedule",
    ],
    [
      "a quarterly drill runs three times a year",
      (p) => (p.tests.calendar[3].schedule = "0 9 10 1,4,7 *"),
      "tests.calendar[3].schedule",
    ],
    [
      "the job that carries a test out runs too rarely",
      (p) => every(p, "0 3 1 */2 *", "restoreTest"),
      "tests.calendar[0].carriedOutBy",
    ],
    ["two entries have one name", (p) => (p.tests.calendar[2].id = "alert-test"), "tests.calendar[2].id"],
  ],
  entriesHaveOneTimetable: [
    ["an entry has no schedule", (p) => delete p.tests.calendar[1].schedule, "tests.calendar[1].schedule"],
    ["an entry has no time zone", (p) => delete p.tests.calendar[1].timeZone, "tests.calendar[1].timeZone"],
    ["an entry has two schedules", (p) => (p.tests.calendar[0].schedule = "0 9 1 * *"), "tests.calendar[0].schedule"],
  ],
  requiredTestsAreScheduled: [
    ["a restore is tested quarterly", (p) => (p.tests.calendar[0].every = "quarterly"), "tests.calendar"],
    ["alerts are not tested", (p) => p.tests.calendar.splice(1, 1), "tests.calendar"],
    ["contacts are not checked", (p) => p.tests.calendar.splice(2, 1), "tests.calendar"],
    [
      "drills take place once a year",
      (p) => ((p.tests.calendar[3].every = "annually"), (p.tests.calendar[5].every = "annually")),
      "tests.calendar",
    ],
    ["the failover is tested once a year", (p) => (p.tests.calendar[4].every = "annually"), "tests.calendar"],
  ],
  reviewsAreAnnounced: [
    [
      "a review reminder precedes the last review",
      (p) => (p.governance.reviewReminder = "P90D"),
      "governance.reviewReminder",
    ],
    ["a signature has no day", (p) => (p.governance.signOff[1].name = "Example Person"), "governance.signOff[1]"],
  ],
  glanceShowsEachOnce: [["a metric is shown twice", (p) => (p.glance[1].shows = "rto"), "glance[1].shows"]],
};

function breakEach(topic: string, checks: Record<string, Check>, breaches: Record<string, Breach[]>) {
  describe(topic, () => {
    for (const [name, check] of Object.entries(checks)) {
      describe(name, () => {
        it("passes for the plan of this repository", () => {
          expect([...check(planSchema.parse(edited(() => undefined)))]).to.deep.equal([]);
        });
        for (const [what, edit, path] of breaches[name] ?? []) {
          it(`detects that ${what}`, () => {
            const plan = planSchema.parse(edited(edit));
            const found = [...check(plan)];
            expect(found.map((finding) => pathOf(finding.path))).to.include(path);
            expect(findInconsistencies(plan)).to.deep.include(found[0]);
          });
        }
        it("has been broken at least once", () => expect(breaches[name]).to.have.length.at.least(1));
        it("skips invalid sections", () => expect([...check({})]).to.deep.equal([]));
      });
    }
  });
}

describe("consistency of a plan", () => {
  breakEach("services and phases", services, serviceBreaches);
  breakEach("objectives", objectives, objectiveBreaches);
  breakEach("protection", protection, protectionBreaches);
  breakEach("incidents", incidents, incidentBreaches);
  breakEach("people", people, peopleBreaches);
  breakEach("calendar", calendar, calendarBreaches);

  it("the plan of this repository is consistent", () => {
    expect(findInconsistencies(planSchema.parse(edited(() => undefined)))).to.deep.equal([]);
  });
});
