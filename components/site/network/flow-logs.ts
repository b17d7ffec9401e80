import * as pulumi from "@pulumi/pulumi";
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { FlowLog } from "@pulumi/aws/ec2/flowLog.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";

interface FlowLogsArgs {
  vpcId: pulumi.Input<string>;
  accountId: string;
  /** Days for which they are kept. */
  days: number;
}

const writeActions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"];

/** Accepted and rejected traffic of the whole network. */
export function flowLogs(name: string, { vpcId, accountId, days }: FlowLogsArgs, opts: pulumi.CustomResourceOptions) {
  const group = new LogGroup(`${name}-flow-logs`, { retentionInDays: days }, opts);
  const role = new Role(
    `${name}-flow-logs`,
    {
      description: "Lets VPC flow logs write to CloudWatch Logs",
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Principal: { Service: "vpc-flow-logs.amazonaws.com" },
            Condition: { StringEquals: { "aws:SourceAccount": accountId } },
          },
        ],
      }),
    },
    opts,
  );
  const policy = new RolePolicy(
    `${name}-flow-logs`,
    {
      role: role.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: writeActions, Resource: pulumi.interpolate`${group.arn}:*` }],
      }),
    },
    opts,
  );
  new FlowLog(
    name,
    {
      vpcId,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
    },
    { ...opts, dependsOn: [policy] },
  );
}
