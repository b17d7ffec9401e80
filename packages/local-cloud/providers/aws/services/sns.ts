/** Topics, topic policies and subscriptions. */
import type { SNS } from "@aws-sdk/client-sns";
import { unlessAbsent } from "../absent.ts";
import { sns } from "../clients.ts";
import { document, flag, fromTagList, needed, tagChanges, tagList, tagsOf, text } from "../inputs.ts";
import { finish, type ResourceType } from "../resource-type.ts";
import type { CheckFailure } from "../../provider.ts";
import { arns, oneOf, policies } from "../rules.ts";
import type { Properties } from "../../values.ts";
import { attributeChanges, fromAttributes, toAttributes, type AttributeNames } from "./attributes.ts";

const gone = ["NotFoundException", "NotFound"];

const feedback = ["application", "firehose", "http", "lambda", "sqs"].flatMap((protocol) => {
  const upper =
    { application: "Application", firehose: "Firehose", http: "HTTP", lambda: "Lambda", sqs: "SQS" }[protocol] ?? "";
  return ["FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate"].map((end) => [
    `${protocol}${end}`,
    `${upper}${end}`,
  ]);
});

const topicAttributes: AttributeNames = {
  ...(Object.fromEntries(feedback) as AttributeNames),
  archivePolicy: "ArchivePolicy",
  contentBasedDeduplication: "ContentBasedDeduplication",
  deliveryPolicy: "DeliveryPolicy",
  displayName: "DisplayName",
  fifoThroughputScope: "FifoThroughputScope",
  fifoTopic: "FifoTopic",
  kmsMasterKeyId: "KmsMasterKeyId",
  policy: "Policy",
  signatureVersion: "SignatureVersion",
  tracingConfig: "TracingConfig",
};

const topicProblems = (inputs: Properties): CheckFailure[] => [
  ...topicNameProblems(inputs),
  ...policies(inputs, "policy"),
];

function topicNameProblems(inputs: Properties): CheckFailure[] {
  const name = text(inputs, "name");
  if (name === undefined) return [];
  const fifo = flag(inputs, "fifoTopic") ?? false;
  if (!/^[\w-]{1,256}(\.fifo)?$/.test(name))
    return [{ property: "name", reason: `"${name}" must consist of letters, digits, _ and -` }];
  if (fifo !== name.endsWith(".fifo"))
    return [{ property: "name", reason: `"${name}" must end with .fifo if and only if fifoTopic is set` }];
  return [];
}

/** Attributes for CreateTopic; others are set by SetTopicAttributes, as in the official provider. */
const atCreation: AttributeNames = { fifoTopic: "FifoTopic", contentBasedDeduplication: "ContentBasedDeduplication" };

const topic: ResourceType = {
  token: "aws:sns/topic:Topic",
  immutable: ["name", "namePrefix", "fifoTopic"],
  naming: {
    property: "name",
    prefixProperty: "namePrefix",
    maxLength: 256,
    suffix: (inputs) => (inputs.fifoTopic === true ? ".fifo" : ""),
  },
  defaults: { contentBasedDeduplication: false, fifoTopic: false, signatureVersion: 0 },
  problems: topicProblems,
  async create(aws, inputs) {
    const client = await aws.client(sns);
    const Name = needed(inputs, "name");
    const fifo = flag(inputs, "fifoTopic") ? { Attributes: toAttributes(atCreation, inputs) } : {};
    const { TopicArn: arn = "" } = await client.createTopic({ Name, ...fifo, Tags: tagList(tagsOf(inputs)) });
    const outputs = { arn, owner: aws.accountId, policy: "" };
    return finish({ id: arn, outputs }, async () => {
      const { fifoTopic: _, ...changeable } = topicAttributes;
      await setTopic(client, arn, toAttributes(changeable, inputs));
      const { Attributes: found = {} } = await client.getTopicAttributes({ TopicArn: arn });
      outputs.policy = text(inputs, "policy") ?? found.Policy ?? "";
    });
  },
  async read(aws, id) {
    const client = await aws.client(sns);
    const found = await unlessAbsent(gone, client.getTopicAttributes({ TopicArn: id }));
    if (!found) return undefined;
    const { Tags } = await client.listTagsForResource({ ResourceArn: id });
    const kinds = { fifoTopic: "boolean", contentBasedDeduplication: "boolean", signatureVersion: "number" } as const;
    return {
      ...absentTexts(topicAttributes, ["displayName", "kmsMasterKeyId", "deliveryPolicy"]),
      ...fromAttributes(topicAttributes, found.Attributes ?? {}, kinds),
      arn: id,
      name: id.split(":")[5] ?? "",
      owner: found.Attributes?.Owner ?? "",
      tagsAll: fromTagList(Tags),
    };
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(sns);
    const { policy: _policy, fifoTopic: _fifo, ...names } = topicAttributes;
    const wanted = attributeChanges(names, inputs, before, { contentBasedDeduplication: false, signatureVersion: 0 });
    const policy = document(inputs, "policy");
    await setTopic(client, id, {
      ...wanted,
      ...(policy !== undefined && policy !== before.policy && { Policy: policy }),
    });
    const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
    if (remove.length > 0) await client.untagResource({ ResourceArn: id, TagKeys: remove });
    if (Object.keys(set).length > 0) await client.tagResource({ ResourceArn: id, Tags: tagList(set) });
  },
  async delete(aws, id) {
    await unlessAbsent(gone, (await aws.client(sns)).deleteTopic({ TopicArn: id }));
  },
};

/** Attributes that AWS omits if they are not set. */
const absentTexts = (names: AttributeNames, keys: string[]): Properties =>
  Object.fromEntries(keys.filter((key) => key in names).map((key) => [key, ""]));

async function setTopic(client: SNS, TopicArn: string, attributes: Record<string, string>): Promise<void> {
  for (const [AttributeName, AttributeValue] of Object.entries(attributes))
    await client.setTopicAttributes({ TopicArn, AttributeName, AttributeValue });
}

const topicPolicy: ResourceType = {
  token: "aws:sns/topicPolicy:TopicPolicy",
  immutable: ["arn"],
  problems: (inputs) => [...arns(inputs, "arn"), ...policies(inputs, "policy")],
  async create(aws, inputs) {
    const arn = needed(inputs, "arn");
    await setTopic(await aws.client(sns), arn, { Policy: document(inputs, "policy") ?? "" });
    return { id: arn, outputs: { owner: aws.accountId } };
  },
  async read(aws, id) {
    const found = await unlessAbsent(gone, (await aws.client(sns)).getTopicAttributes({ TopicArn: id }));
    const policy = found?.Attributes?.Policy;
    return policy ? { arn: id, policy, owner: found.Attributes?.Owner ?? "" } : undefined;
  },
  async update(aws, id, inputs) {
    await setTopic(await aws.client(sns), id, { Policy: document(inputs, "policy") ?? "" });
  },
  // A topic always has a policy: deletion restores the default one.
  async delete(aws, id) {
    const Policy = JSON.stringify(ownerOnly(id, aws.accountId));
    await unlessAbsent(gone, setTopic(await aws.client(sns), id, { Policy }));
  },
};

const ownerOnly = (arn: string, accountId: string) => ({
  Version: "2008-10-17",
  Id: "__default_policy_ID",
  Statement: [
    {
      Sid: "__default_statement_ID",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
      ].map((action) => `SNS:${action}`),
      Resource: arn,
      Condition: { StringEquals: { "AWS:SourceOwner": accountId } },
    },
  ],
});

const subscriptionAttributes: AttributeNames = {
  deliveryPolicy: "DeliveryPolicy",
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
  replayPolicy: "ReplayPolicy",
  subscriptionRoleArn: "SubscriptionRoleArn",
};

const protocols = ["application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"];

const subscription: ResourceType = {
  token: "aws:sns/topicSubscription:TopicSubscription",
  immutable: ["endpoint", "protocol", "topic"],
  defaults: { confirmationTimeoutInMinutes: 1, endpointAutoConfirms: false, rawMessageDelivery: false },
  problems: (inputs) => [...oneOf(inputs, "protocol", protocols), ...arns(inputs, "topic")],
  async create(aws, inputs) {
    const { SubscriptionArn: arn = "" } = await (
      await aws.client(sns)
    ).subscribe({
      TopicArn: needed(inputs, "topic"),
      Protocol: needed(inputs, "protocol"),
      Endpoint: needed(inputs, "endpoint"),
      Attributes: toAttributes(subscriptionAttributes, inputs),
      ReturnSubscriptionArn: true,
    });
    const pending = !arn.startsWith("arn:") || /^(https?|email)/.test(needed(inputs, "protocol"));
    const owner = { ownerId: aws.accountId, pendingConfirmation: pending, confirmationWasAuthenticated: !pending };
    return { id: arn, outputs: { arn, ...owner } };
  },
  async read(aws, id) {
    const client = await aws.client(sns);
    const found = await unlessAbsent(gone, client.getSubscriptionAttributes({ SubscriptionArn: id }));
    const attributes = found?.Attributes;
    return (
      attributes && {
        ...absentTexts(subscriptionAttributes, ["filterPolicy", "redrivePolicy"]),
        ...fromAttributes(subscriptionAttributes, attributes, { rawMessageDelivery: "boolean" }),
        arn: id,
        endpoint: attributes.Endpoint ?? "",
        ownerId: attributes.Owner ?? "",
        pendingConfirmation: attributes.PendingConfirmation === "true",
        protocol: attributes.Protocol ?? "",
        topic: attributes.TopicArn ?? "",
      }
    );
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(sns);
    const changes = attributeChanges(subscriptionAttributes, inputs, before, { rawMessageDelivery: false });
    for (const [AttributeName, AttributeValue] of Object.entries(changes))
      await client.setSubscriptionAttributes({ SubscriptionArn: id, AttributeName, AttributeValue });
  },
  async delete(aws, id) {
    await unlessAbsent(gone, (await aws.client(sns)).unsubscribe({ SubscriptionArn: id }));
  },
};

export const snsTypes: ResourceType[] = [topic, topicPolicy, subscription];
