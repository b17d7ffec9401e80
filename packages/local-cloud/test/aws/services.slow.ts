/** Other services of the local AWS in two regions. */
import { CreateKeyCommand, DecryptCommand, EncryptCommand, ReplicateKeyCommand } from "@aws-sdk/client-kms";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { CreateStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { central, failureOf, openBench, west } from "./support.ts";
import type { Bench } from "./support.ts";

describe("services of the local AWS", function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => (bench = await openBench()));
  after(() => bench?.close());
  afterEach(() => bench.aws.restore(west));

  const common = (region: string) => ({
    region,
    endpoint: bench.aws.endpoint(region),
    credentials: bench.aws.credentials,
    maxAttempts: 1,
  });

  it("decrypt in the alternate region what a multi-Region key encrypted, with the primary cut", async () => {
    const [here, there] = [bench.kms(west), bench.kms(central)];
    const { KeyMetadata } = await here.send(new CreateKeyCommand({ MultiRegion: true }));
    const KeyId = KeyMetadata?.KeyId ?? "";
    await here.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: central }));
    const { CiphertextBlob } = await here.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("secret") }));
    bench.aws.cut(west);
    expect(await failureOf(here.send(new DecryptCommand({ CiphertextBlob })))).to.be.an("error");
    const { Plaintext = [] } = await there.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext).toString()).to.equal("secret");
  });

  it("give a secret's replica its new values, and keep it readable with the primary cut", async () => {
    const [here, there] = [new SecretsManagerClient(common(west)), new SecretsManagerClient(common(central))];
    try {
      const AddReplicaRegions = [{ Region: central }];
      await here.send(new CreateSecretCommand({ Name: "keys", SecretString: "one", AddReplicaRegions }));
      await here.send(new PutSecretValueCommand({ SecretId: "keys", SecretString: "two" }));
      bench.aws.cut(west);
      expect((await there.send(new GetSecretValueCommand({ SecretId: "keys" }))).SecretString).to.equal("two");
    } finally {
      here.destroy();
      there.destroy();
    }
  });

  it("return a subscription's ARN before it is confirmed, when asked to", async () => {
    const sns = new SNSClient(common(west));
    try {
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "alarms" }));
      const subscribe = { TopicArn, Protocol: "https", Endpoint: "https://127.0.0.1:9/hook" };
      const { SubscriptionArn } = await sns.send(new SubscribeCommand({ ...subscribe, ReturnSubscriptionArn: true }));
      expect(SubscriptionArn).to.match(/^arn:aws:sns:eu-west-1:123456789012:alarms:[0-9a-f-]{36}$/);
    } finally {
      sns.destroy();
    }
  });

  it("are recorded by the names of their operations, each in its own protocol", async () => {
    const from = bench.aws.calls().length;
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" }],
    });
    const { Role } = await bench.iam().send(new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: policy }));
    const roleArn = Role?.Arn ?? "";
    const [sfn, scheduler] = [new SFNClient(common(west)), new SchedulerClient(common(west))];
    try {
      const definition = JSON.stringify({ StartAt: "a", States: { a: { Type: "Succeed" } } });
      const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name: "m", definition, roleArn }));
      await scheduler.send(
        new CreateScheduleCommand({
          Name: "hourly",
          ScheduleExpression: "rate(1 hour)",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: { Arn: stateMachineArn, RoleArn: roleArn },
        }),
      );
      const MetricData = [{ MetricName: "m", Value: 1 }];
      await bench.cloudWatch(west).send(new PutMetricDataCommand({ Namespace: "n", MetricData }));
    } finally {
      sfn.destroy();
      scheduler.destroy();
    }
    const made = bench.aws.calls().slice(from);
    expect(made.map(({ region, service, operation, status }) => [region, service, operation, status])).to.deep.equal([
      ["global", "iam", "CreateRole", 200],
      [west, "states", "CreateStateMachine", 200],
      [west, "scheduler", "CreateSchedule", 200],
      [west, "monitoring", "PutMetricData", 200],
    ]);
  });
});
