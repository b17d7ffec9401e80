import { expect } from "chai";
import { AlarmTopic } from "../../../components/alarms/index.ts";
import { accountId, regional } from "../../support/fixtures.ts";
import { only, settled, startMocks } from "../../support/pulumi-mocks.ts";

describe("AlarmTopic", () => {
  before(async () => {
    await startMocks();
    const provider = regional("alternate", "eu-central-1");
    new AlarmTopic("alternate", { topicName: "shop-continuity-alarms", accountId }, { provider });
    await settled();
  });

  it("has the name that both stacks know, in the region of its provider", () => {
    expect(only("aws:sns/topic:Topic").inputs["name"]).to.equal("shop-continuity-alarms");
    expect(only("aws:sns/topic:Topic").provider).to.equal("alternate");
  });

  it("lets alarms of its own account publish, and nobody else", () => {
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
