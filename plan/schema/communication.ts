/** Who hears what, how and how often while an incident lasts. */
import { z } from "zod";
import { count, duration, id, section, text, texts } from "./fields.ts";

export const channel = section({
  kind: z.enum(["chat", "status-page", "email", "phone"]),
  address: text("Channel, list or page, where there is a fixed one.").optional(),
});

export const audience = section({
  id: id("Name that cadences refer to."),
  name: text("Name that people use."),
  channels: z.array(channel).min(1),
  initial: z.boolean().describe("True when the audience gets the initial message besides the regular ones."),
  every: duration("Longest time between two messages during the worst incidents."),
});

export const messageKind = section({
  id: id("Name of the kind."),
  name: text("Name that people use."),
  dueWithin: duration("Latest time of the first such message after the incident began or ended.").optional(),
  everyAtLeast: duration("Longest time between two such messages.").optional(),
  everyAtMost: duration("Shortest time between two such messages.").optional(),
  nextWithin: duration("What the message promises of the next one.").optional(),
  severities: z.array(count("A severity level.")).min(1).describe("Levels at which the message is sent."),
  fields: z.array(id("A fact to fill in.")).min(1).describe("Facts that the sender fills in."),
  template: text("Text with {{field}} for each fact."),
});

export const communication = section({
  audiences: z.array(audience).min(1),
  messages: z.array(messageKind).min(1),
});

export const degradedFeature = section({
  id: id("Name of the feature flag."),
  name: text("Name that users see."),
  mode: z.enum(["full", "read-only", "queued", "off"]).describe("What remains of the feature."),
});

export const degradedMode = section({
  healthyTiers: z.array(count("A tier.")).min(1).describe("Tiers that must work for this mode."),
  degradedTiers: z.array(count("A tier.")).min(1).describe("Tiers whose loss the mode covers."),
  features: z.array(degradedFeature).min(1).describe("What stays and what goes."),
  userCommunication: texts("What users are told."),
});
