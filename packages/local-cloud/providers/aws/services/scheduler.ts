/** Schedules and schedule groups. */
import type { CreateScheduleCommandInput, Scheduler } from "@aws-sdk/client-scheduler";
import { unlessAbsent } from "../absent.ts";
import { scheduler } from "../clients.ts";
import { fromSdk, fromTagList, needed, number, object, tagChanges, tagList, tagsOf, text, toSdk } from "../inputs.ts";
import type { ResourceType } from "../resource-type.ts";
import type { CheckFailure } from "../../provider.ts";
import { defined, unknown, type Properties } from "../../values.ts";
import { scheduleProblem } from "./schedule-expression.ts";

const gone = ["ResourceNotFoundException"];
const spelling = { names: { eventbridgeParameters: "EventBridgeParameters" } };

function problems(inputs: Properties): CheckFailure[] {
  const expression = text(inputs, "scheduleExpression");
  const wrong = expression === undefined ? undefined : scheduleProblem(expression);
  const window = object(inputs, "flexibleTimeWindow") ?? {};
  const mode = text(window, "mode");
  const state = text(inputs, "state");
  return [
    ...(wrong === undefined ? [] : [{ property: "scheduleExpression", reason: wrong }]),
    ...zoneProblems(text(inputs, "scheduleExpressionTimezone")),
    ...(mode !== undefined && mode !== "OFF" && mode !== "FLEXIBLE"
      ? [{ property: "flexibleTimeWindow.mode", reason: `is "${mode}", but must be OFF or FLEXIBLE` }]
      : []),
    ...(mode === "FLEXIBLE" && window.maximumWindowInMinutes === undefined
      ? [{ property: "flexibleTimeWindow.maximumWindowInMinutes", reason: "is required with mode FLEXIBLE" }]
      : []),
    ...(mode === "OFF" && number(window, "maximumWindowInMinutes") !== undefined
      ? [{ property: "flexibleTimeWindow.maximumWindowInMinutes", reason: "conflicts with mode OFF" }]
      : []),
    ...(state !== undefined && state !== "ENABLED" && state !== "DISABLED"
      ? [{ property: "state", reason: `is "${state}", but must be ENABLED or DISABLED` }]
      : []),
  ];
}

function zoneProblems(zone: string | undefined): CheckFailure[] {
  if (zone === undefined || zone === unknown) return [];
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return [];
  } catch {
    return [{ property: "scheduleExpressionTimezone", reason: `"${zone}" is not a time zone` }];
  }
}

/** Request for CreateSchedule and UpdateSchedule, which replaces the whole schedule. */
function whole(inputs: Properties): CreateScheduleCommandInput {
  const at = (key: string): Date | undefined => {
    const time = text(inputs, key);
    return time === undefined ? undefined : new Date(time);
  };
  return {
    Name: needed(inputs, "name"),
    GroupName: text(inputs, "groupName") ?? "default",
    ScheduleExpression: needed(inputs, "scheduleExpression"),
    ScheduleExpressionTimezone: text(inputs, "scheduleExpressionTimezone") ?? "UTC",
    State: (text(inputs, "state") ?? "ENABLED") as "ENABLED",
    ActionAfterCompletion: (text(inputs, "actionAfterCompletion") ?? "NONE") as "NONE",
    Description: text(inputs, "description"),
    KmsKeyArn: text(inputs, "kmsKeyArn"),
    StartDate: at("startDate"),
    EndDate: at("endDate"),
    FlexibleTimeWindow: toSdk(
      object(inputs, "flexibleTimeWindow") ?? {},
    ) as CreateScheduleCommandInput["FlexibleTimeWindow"],
    Target: toSdk(object(inputs, "target") ?? {}, spelling) as CreateScheduleCommandInput["Target"],
  };
}

const schedule: ResourceType = {
  token: "aws:scheduler/schedule:Schedule",
  immutable: ["name", "namePrefix", "groupName"],
  naming: { property: "name", prefixProperty: "namePrefix", maxLength: 64 },
  defaults: {
    actionAfterCompletion: "NONE",
    groupName: "default",
    scheduleExpressionTimezone: "UTC",
    state: "ENABLED",
  },
  problems,
  async create(aws, inputs) {
    const { ScheduleArn: arn = "" } = await (await aws.client(scheduler)).createSchedule(whole(inputs));
    return { id: `${text(inputs, "groupName") ?? "default"}/${needed(inputs, "name")}`, outputs: { arn } };
  },
  async read(aws, id) {
    const [GroupName, Name] = id.split("/");
    const found = await unlessAbsent(gone, (await aws.client(scheduler)).getSchedule({ GroupName, Name }));
    if (!found) return undefined;
    const { Target, FlexibleTimeWindow, Arn, StartDate, EndDate } = found;
    return defined({
      actionAfterCompletion: found.ActionAfterCompletion ?? "NONE",
      arn: Arn,
      description: found.Description,
      endDate: EndDate && fromSdk(EndDate),
      flexibleTimeWindow: fromSdk(FlexibleTimeWindow),
      groupName: found.GroupName ?? "default",
      kmsKeyArn: found.KmsKeyArn,
      name: found.Name,
      scheduleExpression: found.ScheduleExpression,
      scheduleExpressionTimezone: found.ScheduleExpressionTimezone ?? "UTC",
      startDate: StartDate && fromSdk(StartDate),
      state: found.State,
      target: fromSdk(Target, spelling),
    });
  },
  async update(aws, _id, inputs) {
    await (await aws.client(scheduler)).updateSchedule(whole(inputs));
  },
  async delete(aws, id) {
    const [GroupName, Name] = id.split("/");
    await unlessAbsent(gone, (await aws.client(scheduler)).deleteSchedule({ GroupName, Name }));
  },
};

async function readGroup(client: Scheduler, Name: string): Promise<Properties | undefined> {
  const found = await unlessAbsent(gone, client.getScheduleGroup({ Name }));
  if (!found || found.State === "DELETING") return undefined;
  const { Tags } = await client.listTagsForResource({ ResourceArn: found.Arn });
  return {
    arn: found.Arn ?? "",
    creationDate: found.CreationDate?.toISOString() ?? "",
    lastModificationDate: found.LastModificationDate?.toISOString() ?? "",
    name: Name,
    state: found.State ?? "",
    tagsAll: fromTagList(Tags),
  };
}

const group: ResourceType = {
  token: "aws:scheduler/scheduleGroup:ScheduleGroup",
  immutable: ["name", "namePrefix"],
  naming: { property: "name", prefixProperty: "namePrefix", maxLength: 64 },
  async create(aws, inputs) {
    const client = await aws.client(scheduler);
    const Name = needed(inputs, "name");
    await client.createScheduleGroup({ Name, Tags: tagList(tagsOf(inputs)) });
    return { id: Name, outputs: (await readGroup(client, Name)) ?? {} };
  },
  read: async (aws, id) => readGroup(await aws.client(scheduler), id),
  async update(aws, _id, inputs, before) {
    const client = await aws.client(scheduler);
    const ResourceArn = needed(before, "arn");
    const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
    if (remove.length > 0) await client.untagResource({ ResourceArn, TagKeys: remove });
    if (Object.keys(set).length > 0) await client.tagResource({ ResourceArn, Tags: tagList(set) });
  },
  async delete(aws, id) {
    await unlessAbsent(gone, (await aws.client(scheduler)).deleteScheduleGroup({ Name: id }));
  },
};

export const schedulerTypes: ResourceType[] = [schedule, group];
