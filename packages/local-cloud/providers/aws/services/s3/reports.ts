/** What S3 tells about a bucket: request metrics and notifications. */
import type { MetricsConfiguration, NotificationConfiguration, S3 } from "@aws-sdk/client-s3";
import { defined, type Json, type Properties } from "../../../values.ts";
import { flag, fromTagList, needed, object, objects, tagList, tagsOf, text, texts } from "../../inputs.ts";
import type { ResourceType } from "../../resource-type.ts";
import { bucketSetting } from "./setting.ts";

const metricName = (state: Properties): string => text(state, "name") ?? String(state.id).split(":")[1] ?? "";

const metric: ResourceType = {
  ...bucketSetting({
    token: "aws:s3/bucketMetric:BucketMetric",
    immutable: ["name"],
    absent: ["NoSuchConfiguration"],
    id: (inputs) => `${needed(inputs, "bucket")}:${needed(inputs, "name")}`,
    put: (client, bucket, inputs) =>
      client.putBucketMetricsConfiguration({
        Bucket: bucket,
        Id: needed(inputs, "name"),
        MetricsConfiguration: { Id: needed(inputs, "name"), ...metricFilter(object(inputs, "filter")) },
      }),
    async get(client, bucket, known) {
      const Id = metricName(known);
      const { MetricsConfiguration: found } = await client.getBucketMetricsConfiguration({ Bucket: bucket, Id });
      const filter = foundFilter(found?.Filter);
      return { name: Id, ...(filter && { filter }) };
    },
    remove: (client, bucket, state) =>
      client.deleteBucketMetricsConfiguration({ Bucket: bucket, Id: metricName(state) }),
  }),
  naming: { property: "name", maxLength: 64 },
};

/** One condition stands alone, several stand in an And. */
function metricFilter(filter: Properties | undefined): Pick<MetricsConfiguration, "Filter"> {
  if (!filter) return {};
  const Prefix = text(filter, "prefix");
  const AccessPointArn = text(filter, "accessPoint");
  const Tags = tagList(tagsOf(filter, "tags"));
  const several = [Prefix, AccessPointArn].filter((part) => part !== undefined).length + Tags.length > 1;
  if (several) return { Filter: { And: { Prefix, AccessPointArn, ...(Tags.length > 0 && { Tags }) } } };
  if (Tags[0]) return { Filter: { Tag: Tags[0] } };
  return {
    Filter: (AccessPointArn === undefined ? { Prefix } : { AccessPointArn }) as MetricsConfiguration["Filter"] & object,
  };
}

function foundFilter(filter: MetricsConfiguration["Filter"]): Properties | undefined {
  if (!filter) return undefined;
  const { Prefix, AccessPointArn, Tags } = filter.And ?? { ...filter, Tags: filter.Tag ? [filter.Tag] : [] };
  const tags = Tags && Tags.length > 0 ? fromTagList(Tags) : undefined;
  return defined({ prefix: Prefix, accessPoint: AccessPointArn, tags });
}

interface Target {
  Id?: string | undefined;
  Events: string[] | undefined;
  Filter?:
    | { Key?: { FilterRules?: { Name?: string | undefined; Value?: string | undefined }[] | undefined } | undefined }
    | undefined;
}

const toTarget = (wanted: Properties): Target => {
  const rules = [
    { Name: "prefix", Value: text(wanted, "filterPrefix") },
    { Name: "suffix", Value: text(wanted, "filterSuffix") },
  ].filter(({ Value }) => Value !== undefined);
  return {
    Id: text(wanted, "id"),
    Events: texts(wanted, "events"),
    ...(rules.length > 0 && { Filter: { Key: { FilterRules: rules } } }),
  };
};

function fromTarget(found: Target, arn: Properties): Properties {
  const rule = (name: string): string | undefined =>
    found.Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === name)?.Value;
  return defined({
    ...arn,
    id: found.Id,
    events: found.Events,
    filterPrefix: rule("prefix"),
    filterSuffix: rule("suffix"),
  } as Record<string, Json | undefined>);
}

const notification = bucketSetting({
  token: "aws:s3/bucketNotification:BucketNotification",
  absent: [],
  defaults: { eventbridge: false },
  put: (client, bucket, inputs) => notify(client, bucket, inputs),
  async get(client, bucket) {
    const found = await client.getBucketNotificationConfiguration({ Bucket: bucket });
    return {
      eventbridge: found.EventBridgeConfiguration !== undefined,
      topics: (found.TopicConfigurations ?? []).map((t) => fromTarget(t, { topicArn: t.TopicArn ?? "" })),
      queues: (found.QueueConfigurations ?? []).map((q) => fromTarget(q, { queueArn: q.QueueArn ?? "" })),
      lambdaFunctions: (found.LambdaFunctionConfigurations ?? []).map((f) =>
        fromTarget(f, { lambdaFunctionArn: f.LambdaFunctionArn ?? "" }),
      ),
    };
  },
  remove: (client, bucket) => notify(client, bucket, {}),
});

async function notify(client: S3, bucket: string, inputs: Properties): Promise<void> {
  const targets = (key: string, arn: string, Arn: string) =>
    objects(inputs, key).map((wanted) => ({ ...toTarget(wanted), [Arn]: needed(wanted, arn) }));
  const configuration = {
    TopicConfigurations: targets("topics", "topicArn", "TopicArn"),
    QueueConfigurations: targets("queues", "queueArn", "QueueArn"),
    LambdaFunctionConfigurations: targets("lambdaFunctions", "lambdaFunctionArn", "LambdaFunctionArn"),
    ...(flag(inputs, "eventbridge") && { EventBridgeConfiguration: {} }),
  } as NotificationConfiguration;
  await client.putBucketNotificationConfiguration({ Bucket: bucket, NotificationConfiguration: configuration });
}

export const reports: ResourceType[] = [metric, notification];
