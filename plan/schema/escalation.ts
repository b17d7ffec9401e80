/** Who is asked next when an incident is not resolved in time, and how to reach them. */
import { z } from "zod";
import { count, day, duration, id, section, text, textOfForm, texts } from "./fields.ts";

export const escalationStep = section({
  level: count("Steps are climbed in this order."),
  id: id("Name that severities refer to."),
  name: text("Name that people use."),
  resolveWithin: duration("Without a resolution by then, the next step takes over."),
  respondWithin: duration("Latest time until somebody answers."),
  contacts: z.array(id("A contact.")).min(1).describe("Asked in this order."),
});

export const escalation = section({
  steps: z.array(escalationStep).min(1),
  fullRecovery: section({
    id: id("Name that severities refer to."),
    name: text("Name that people use."),
    leader: id("Role of the team that takes full control."),
    effects: texts("What changes once disaster recovery is active."),
  }),
  executives: section({
    name: text("Name that people use."),
    respondWithin: duration("Latest time until somebody answers."),
    contacts: z.array(id("A contact.")).min(1),
  }),
});

const phone = (description: string) =>
  textOfForm(/^\+[1-9](?:[ -]?\d){6,14}$/, description, {
    rule: "must be a number in international form",
    remedy: "begin with + and the country, e.g. +1-202-555-0101",
  });

export const contact = section({
  id: id("Name that lists refer to."),
  position: text("What the person or team is."),
  name: text("Who it is; example data until verified."),
  phone: phone("Number in international form.").optional(),
  backupPhone: phone("A second number, in international form.").optional(),
  handle: textOfForm(/^@[a-z0-9][a-z0-9._-]*$/, "Name in the chat.", {
    rule: "must begin with @ and hold lower-case letters, digits, dots, hyphens or underscores",
    remedy: "write e.g. @on-call",
  }).optional(),
  directory: z.enum(["immediate-response", "senior-support", "management", "executive"]).optional(),
  team: z.boolean().default(false).describe("True for a group rather than a person."),
  assignedPerIncident: z
    .boolean()
    .default(false)
    .describe("True for a role that is given out when an incident begins."),
  verified: z.boolean().describe("False until somebody has called or texted the contact successfully."),
  lastVerified: day("When that was.").optional(),
});

export const contacts = z.array(contact).min(1);
