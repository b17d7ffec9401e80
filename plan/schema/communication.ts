/** Incident communication: audiences, channels, messages and cadences. */
import { z } from "zod";
import { count, duration, id, section, text, texts } from "./fields.ts";

const channel = section({
  kind: z.enum(["chat", "status-page", "email", "phone"]),
  address: text("Channel, list or page, if fixed.").optional(),
});

const audience = section({
  id: id("Identifier used by cadences."),
  name: text("Display name."),
  channels: z.array(channel).min(1),
  initial: z.boolean().describe("Whether the audience receives the initial message in addition to the regular ones."),
  every: duration("Longest interval between two messages during the most severe incidents."),
});

const messageKind = section({
  id: id("Identifier of the kind."),
  name: text("Display name."),
  dueWithin: duration("Deadline of the first message of this kind after the start or end of the incident.").optional(),
  everyAtLeast: duration("Longest interval between two messages of this kind.").optional(),
  everyAtMost: duration("Shortest interval between two messages of this kind.").optional(),
  nextWithin: duration("Time within which the message announces the next one.").optional(),
  severities: z.array(count("A severity level.")).min(1).describe("Severity levels at which the message is sent."),
  fields: z.array(id("A placeholder.")).min(1).describe("Placeholders that the sender fills in."),
  template: text("Text with {{field}} for each placeholder."),
});

export const communication = section({
  audiences: z.array(audience).min(1),
  messages: z.array(messageKind).min(1),
});

const degradedFeature = section({
  id: id("Identifier of the feature flag."),
  name: text("Name shown to users."),
  mode: z.enum(["full", "read-only", "queued", "off"]).describe("Remaining availability of the feature."),
});

export const degradedMode = section({
  healthyTiers: z.array(count("A tier.")).min(1).describe("Tiers that must be healthy in this mode."),
  degradedTiers: z.array(count("A tier.")).min(1).describe("Tiers that may be unavailable in this mode."),
  features: z.array(degradedFeature).min(1).describe("Features and what remains of them."),
  userCommunication: texts("Information given to users."),
});
