/** The escalation ladder, and the contacts on it. */
import { z } from "zod";
import { count, day, duration, id, section, text, textOfForm, texts } from "./fields.ts";

const escalationStep = section({
  level: count("Steps are taken in this order."),
  id: id("Identifier used by severities."),
  name: text("Display name."),
  resolveWithin: duration("If the incident is not resolved by then, the next step takes over."),
  respondWithin: duration("Time within which a contact must respond."),
  contacts: z.array(id("A contact.")).min(1).describe("Contacted in this order."),
});

export const escalation = section({
  steps: z.array(escalationStep).min(1),
  fullRecovery: section({
    id: id("Identifier used by severities."),
    name: text("Display name."),
    leader: id("Team role that takes full control."),
    effects: texts("Effects of activating disaster recovery."),
  }),
  executives: section({
    name: text("Display name."),
    respondWithin: duration("Time within which a contact must respond."),
    contacts: z.array(id("A contact.")).min(1),
  }),
});

const phone = (description: string) =>
  textOfForm(/^\+[1-9](?:[ -]?\d){6,14}$/, description, {
    rule: "must be a phone number in international format",
    remedy: "start with + and the country code, e.g. +1-202-555-0101",
  });

const contact = section({
  id: id("Identifier used by contact lists."),
  position: text("Position of the person, or the team."),
  name: text("Name; example data until verified."),
  phone: phone("Phone number in international format.").optional(),
  backupPhone: phone("Second phone number, in international format.").optional(),
  handle: textOfForm(/^@[a-z0-9][a-z0-9._-]*$/, "Chat handle.", {
    rule: "must start with @, followed by lower-case letters, digits, dots, hyphens or underscores",
    remedy: "use e.g. @on-call",
  }).optional(),
  directory: z.enum(["immediate-response", "senior-support", "management", "executive"]).optional(),
  team: z.boolean().default(false).describe("Whether this is a group rather than a person."),
  assignedPerIncident: z
    .boolean()
    .default(false)
    .describe("Whether the role is assigned at the start of each incident."),
  verified: z.boolean().describe("Whether the contact has been reached by call or text."),
  lastVerified: day("Date of the last verification.").optional(),
});

export const contacts = z.array(contact).min(1);
