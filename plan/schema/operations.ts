/** Team, infrastructure, tools and procedures that a recovery needs. */
import { z } from "zod";
import { count, duration, id, percent, section, text, texts } from "./fields.ts";

const procedureStep = section({
  does: text("Purpose of the step."),
  commands: texts("Commands, one per entry.").optional(),
});

const manualProcedure = section({
  id: id("Identifier of the procedure."),
  name: text("Display name."),
  when: text("When to use it."),
  steps: z.array(procedureStep).min(1),
  record: z.array(id("A fact.")).min(1).describe("Facts to record after carrying it out."),
});

const teamRole = section({
  id: id("Identifier of the role."),
  name: text("Display name."),
  people: count("Number of people in the role."),
  duty: text("Responsibility of the role."),
});

export const team = section({
  minimumPeople: count("Number of people needed in a disaster; the sum over all roles."),
  roles: z.array(teamRole).min(1),
  coverage: texts("How the team is reachable at any time."),
});

export const infrastructure = section({
  primarySite: section({ availabilityPercent: percent("Availability committed by the provider.") }),
  backupSite: section({ availableWithin: duration("Time until a backup data centre is usable.") }),
  network: section({ redundant: z.literal(true), availabilityPercent: percent("Committed availability.") }),
  storage: section({ geoRedundant: z.literal(true), durabilityPercent: percent("Committed durability.") }),
  communication: z
    .array(z.enum(["chat", "email", "phone"]))
    .min(1)
    .describe("Required means of communication."),
});

const failoverTarget = section({
  order: count("Order of preference; 1 is tried first."),
  id: id("Identifier of the target."),
  name: text("Display name."),
  preConfigured: z.boolean().describe("Whether it is deployed in advance."),
  testedBy: id("Entry of the test calendar that tests it.").optional(),
  use: text("When it is used."),
});

const tool = section({
  id: id("Identifier of the tool."),
  name: text("Display name."),
  neededFor: text("Why a recovery needs it."),
});

export const manualProcedures = z.array(manualProcedure).min(1);
export const failoverTargets = z
  .array(failoverTarget)
  .min(1)
  .describe("Where the service can run, in order of preference.");
export const tools = z.array(tool).min(1);
