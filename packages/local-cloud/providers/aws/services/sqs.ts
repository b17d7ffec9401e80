/** Queues. */
import { unlessAbsent } from "../absent.ts";
import { sqs } from "../clients.ts";
import { flag, needed, tagChanges, tagsOf, text, type Tags } from "../inputs.ts";
import type { ResourceType } from "../resource-type.ts";
import { policies } from "../rules.ts";
import type { CheckFailure } from "../../provider.ts";
import type { Properties } from "../../values.ts";
import { attributeChanges, fromAttributes, toAttributes, type AttributeNames } from "./attributes.ts";

const gone = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];

const changeable: AttributeNames = {
  contentBasedDeduplication: "ContentBasedDeduplication",
  deduplicationScope: "DeduplicationScope",
  delaySeconds: "DelaySeconds",
  fifoThroughputLimit: "FifoThroughputLimit",
  kmsDataKeyReusePeriodSeconds: "KmsDataKeyReusePeriodSeconds",
  kmsMasterKeyId: "KmsMasterKeyId",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  policy: "Policy",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  redriveAllowPolicy: "RedriveAllowPolicy",
  redrivePolicy: "RedrivePolicy",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  visibilityTimeoutSeconds: "VisibilityTimeout",
};
const attributes: AttributeNames = { ...changeable, fifoQueue: "FifoQueue" };

const kinds = {
  contentBasedDeduplication: "boolean",
  delaySeconds: "number",
  fifoQueue: "boolean",
  kmsDataKeyReusePeriodSeconds: "number",
  maxMessageSize: "number",
  messageRetentionSeconds: "number",
  receiveWaitTimeSeconds: "number",
  sqsManagedSseEnabled: "boolean",
  visibilityTimeoutSeconds: "number",
} as const;

/** Defaults of SQS. */
const usual = {
  delaySeconds: 0,
  maxMessageSize: 262144,
  messageRetentionSeconds: 345600,
  receiveWaitTimeSeconds: 0,
  visibilityTimeoutSeconds: 30,
};

function nameProblems(inputs: Properties): CheckFailure[] {
  const name = text(inputs, "name");
  if (name === undefined) return [];
  if (!/^[\w-]{1,80}(\.fifo)?$/.test(name) || name.length > 80)
    return [{ property: "name", reason: `"${name}" must consist of at most 80 letters, digits, _ and -` }];
  if ((flag(inputs, "fifoQueue") ?? false) !== name.endsWith(".fifo"))
    return [{ property: "name", reason: `"${name}" must end with .fifo if and only if fifoQueue is set` }];
  return [];
}

const queue: ResourceType = {
  token: "aws:sqs/queue:Queue",
  immutable: ["name", "namePrefix", "fifoQueue"],
  naming: {
    property: "name",
    prefixProperty: "namePrefix",
    maxLength: 80,
    suffix: (inputs) => (inputs.fifoQueue === true ? ".fifo" : ""),
  },
  defaults: { ...usual, contentBasedDeduplication: false, fifoQueue: false },
  problems: (inputs) => [...nameProblems(inputs), ...policies(inputs, "policy")],
  async create(aws, inputs) {
    const { fifoQueue, contentBasedDeduplication, ...rest } = { ...usual, ...inputs } as Properties;
    const { QueueUrl = "" } = await (
      await aws.client(sqs)
    ).createQueue({
      QueueName: needed(inputs, "name"),
      Attributes: toAttributes(
        attributes,
        fifoQueue === true
          ? { ...rest, fifoQueue, contentBasedDeduplication: contentBasedDeduplication ?? false }
          : rest,
      ),
      tags: tagsOf(inputs),
    });
    return {
      id: QueueUrl,
      outputs: { url: QueueUrl, arn: `arn:aws:sqs:${aws.region}:${aws.accountId}:${needed(inputs, "name")}` },
    };
  },
  async read(aws, id) {
    const client = await aws.client(sqs);
    const found = await unlessAbsent(gone, client.getQueueAttributes({ QueueUrl: id, AttributeNames: ["All"] }));
    if (!found) return undefined;
    const { Tags: tags = {} } = await client.listQueueTags({ QueueUrl: id });
    return {
      kmsMasterKeyId: "",
      policy: "",
      redrivePolicy: "",
      ...fromAttributes(attributes, found.Attributes ?? {}, kinds),
      arn: found.Attributes?.QueueArn ?? "",
      name: id.split("/").at(-1) ?? "",
      tagsAll: tags as Tags,
      url: id,
    };
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(sqs);
    const wanted = attributeChanges(changeable, inputs, before, usual);
    if (Object.keys(wanted).length > 0) await client.setQueueAttributes({ QueueUrl: id, Attributes: wanted });
    const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
    if (remove.length > 0) await client.untagQueue({ QueueUrl: id, TagKeys: remove });
    if (Object.keys(set).length > 0) await client.tagQueue({ QueueUrl: id, Tags: set });
  },
  async delete(aws, id) {
    await unlessAbsent(gone, (await aws.client(sqs)).deleteQueue({ QueueUrl: id }));
  },
};

export const sqsTypes: ResourceType[] = [queue];
