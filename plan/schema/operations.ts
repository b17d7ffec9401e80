/** People, places, tools and procedures that a recovery needs. */
import { z } from "zod";
import { count, duration, id, percent, section, text, texts } from "./fields.ts";

export const procedureStep = section({
  does: text("What the step achieves."),
  commands: texts("Commands, one a line.").optional(),
});

export const manualProcedure = section({
  id: id("Name of the procedure."),
  name: text("Name that people use."),
  when: text("When to use it."),
  steps: z.array(procedureStep).min(1),
  record: z.array(id("A fact.")).min(1).describe("Facts that the person who carries it out writes down."),
});

export const teamRole = section({
  id: id("Name of the role."),
  name: text("Name that people use."),
  people: count("People that the role needs."),
  duty: text("What the role answers for."),
});

export const team = section({
  minimumPeople: count("People that a disaster needs; the sum over the roles."),
  roles: z.array(teamRole).min(1),
  coverage: texts("How the team is reached at any hour."),
});

export const infrastructure = section({
  primarySite: section({ availabilityPercent: percent("Availability that its supplier promises.") }),
  backupSite: section({ availableWithin: duration("Latest time until a backup data centre can be used.") }),
  network: section({ redundant: z.literal(true), availabilityPercent: percent("Availability that is promised.") }),
  storage: section({ geoRedundant: z.literal(true), durabilityPercent: percent("Durability that is promised.") }),
  communication: z
    .array(z.enum(["chat", "email", "phone"]))
    .min(1)
    .describe("Means that must all work."),
});

export const failoverTarget = section({
  order: count("1 is tried first."),
  id: id("Name of the target."),
  name: text("Name that people use."),
  preConfigured: z.boolean().describe("True when it is deployed before it is needed."),
  testedBy: id("Entry of the test calendar that proves it.").optional(),
  use: text("When it is used."),
});

export const tool = section({
  id: id("Name of the tool."),
  name: text("Name that people use."),
  neededFor: text("Why a recovery cannot do without it."),
});

export const manualProcedures = z.array(manualProcedure).min(1);
export const failoverTargets = z
  .array(failoverTarget)
  .min(1)
  .describe("Where the service can run, first choice first.");
export const tools = z.array(tool).min(1);
