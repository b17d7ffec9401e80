import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Topic } from "@pulumi/aws/sns/topic.js";
import { TopicPolicy } from "@pulumi/aws/sns/topicPolicy.js";
import { TopicSubscription } from "@pulumi/aws/sns/topicSubscription.js";
import type { AlarmSubscriber } from "../../../contract/index.ts";

export interface AlarmTopicArgs {
  /** Physical name; derived the same way in every stack, so that an alarm can refer to a topic of another one. */
  topicName: string;
  /** AWS account whose alarms may publish; 12 digits. */
  accountId: string;
  /** Who is notified. Empty: alarms change state, but nobody is notified. */
  subscribers: readonly AlarmSubscriber[];
}

/** Delivers the continuity alarms of one region to its subscribers. */
export class AlarmTopic extends pulumi.ComponentResource {
  /** ARN of the topic. */
  public readonly arn: pulumi.Output<string>;

  constructor(name: string, args: AlarmTopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("continuity:alarms:AlarmTopic", name, {}, opts);
    // Deliberately unencrypted: CloudWatch cannot publish to a topic encrypted with the AWS-managed key, and alarm
    // texts contain no customer data. A customer-managed key would be one more dependency that can fail.
    const topic = new Topic(name, { name: args.topicName }, { parent: this });
    new TopicPolicy(name, { arn: topic.arn, policy: alarmsMayPublish(topic.arn, args.accountId) }, { parent: this });
    for (const { protocol, endpoint } of args.subscribers) {
      // Named by content, not by position: removing one subscriber must not replace those after it.
      const digest = createHash("sha256").update(endpoint).digest("hex").slice(0, 8);
      new TopicSubscription(
        `${name}-${protocol}-${digest}`,
        { topic: topic.arn, protocol, endpoint },
        { parent: this },
      );
    }
    this.arn = topic.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

const alarmsMayPublish = (arn: pulumi.Output<string>, accountId: string): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "OwnAlarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: arn,
        Condition: { StringEquals: { "aws:SourceAccount": accountId } },
      },
    ],
  });
