import { expect } from "chai";
import { AlarmTopic } from "../../../../components/kit/alarms/index.ts";
import { accountId, regional } from "../../../support/fixtures.ts";
import { ofType, only, settled, startMocks, valueOf } from "../../../support/pulumi-mocks.ts";

const queue = `arn:aws:sqs:eu-central-1:${accountId}:alarms`;

describe("AlarmTopic", () => {
  let topic: AlarmTopic;

  before(async () => {
    await startMocks();
    const provider = regional("alternate", "eu-central-1");
    const subscribers = [
      { protocol: "email", endpoint: "on-call@shop.example" },
      { protocol: "sqs", endpoint: queue },
    ];
    topic = new AlarmTopic("alternate", { topicName: "shop-continuity-alarms", accountId, subscribers }, { provider });
    await settled();
  });

  it("returns the ARN of its topic, to which its policy is attached and limited", async () => {
    const arn = "arn:mock:aws:sns/topic:Topic:alternate";
    expect(await valueOf(topic.arn)).to.equal(arn);
    const { inputs } = only("aws:sns/topicPolicy:TopicPolicy");
    expect(inputs["arn"]).to.equal(arn);
    expect(JSON.parse(String(inputs["policy"])).Statement[0].Resource).to.equal(arn);
  });

  it("has the name shared by both stacks, in the region of its provider", () => {
    expect(only("aws:sns/topic:Topic").inputs["name"]).to.equal("shop-continuity-alarms");
    expect(only("aws:sns/topic:Topic").provider).to.equal("alternate");
  });

  it("forwards alarms to every subscriber", () => {
    const subscriptions = ofType("aws:sns/topicSubscription:TopicSubscription");
    expect(subscriptions.map(({ inputs }) => inputs)).to.deep.equal([
      { topic: "arn:mock:aws:sns/topic:Topic:alternate", protocol: "email", endpoint: "on-call@shop.example" },
      { topic: "arn:mock:aws:sns/topic:Topic:alternate", protocol: "sqs", endpoint: queue },
    ]);
    expect(new Set(subscriptions.map(({ name }) => name))).to.have.property("size", 2);
    expect(subscriptions.every(({ provider }) => provider === "alternate")).to.equal(true);
  });

  it("keeps a subscription when a preceding one is removed", async () => {
    const names = ofType("aws:sns/topicSubscription:TopicSubscription").map(({ name }) => name);
    await startMocks();
    const subscribers = [{ protocol: "sqs", endpoint: queue }];
    const provider = regional("alternate", "eu-central-1");
    new AlarmTopic("alternate", { topicName: "shop-continuity-alarms", accountId, subscribers }, { provider });
    await settled();
    expect(only("aws:sns/topicSubscription:TopicSubscription").name).to.equal(names[1]);
  });

  it("accepts alarms of its own account only", () => {
    const policy = JSON.parse(String(only("aws:sns/topicPolicy:TopicPolicy").inputs["policy"]));
    expect(policy.Statement).to.have.length(1);
    expect(policy.Statement[0]).to.deep.include({
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    });
  });
});
